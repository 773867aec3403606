"""Dark differs from light in its colours alone, so that only these need to be judged twice."""

import re

import pytest

from tests.house.tree import PACKAGE, ROOT

STYLESHEETS = sorted(PACKAGE.glob("*/*/static/**/*.css"))
SCHEME = re.compile(r"@media[^{]*prefers-color-scheme[^{]*\{\s*:root\s*\{([^{}]*)\}\s*\}")
TOKEN = re.compile(r"--[a-z-]+:\s*[^;]+")


def differences(css: str) -> list[str]:
    """Return what a scheme changes that is no token; each block of its own tokens is left out."""
    rest = SCHEME.sub("", css)
    found = [line.strip() for line in rest.splitlines() if "prefers-color-scheme" in line]
    for block in SCHEME.findall(css):
        said = [part.strip() for part in block.split(";") if part.strip()]
        found += [part for part in said if not TOKEN.fullmatch(part)]
    return found


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_scheme_changes_tokens_alone(path):
    assert not differences(path.read_text("utf-8"))


def test_one_that_hides_something_is_noticed():
    hidden = "@media (prefers-color-scheme: dark) { :root { --ink: red; display: none } }"
    elsewhere = "@media (prefers-color-scheme: dark) { .card { color: red } }"

    assert differences(hidden) == ["display: none"]
    assert len(differences(elsewhere)) == 1
    assert not differences("@media (prefers-color-scheme: dark) { :root { --ink: red; } }")
