"""What the product runs on: pinned, hashed, from no particular place, each with its reason."""

import re

import pytest

from tests.house.tree import ROOT

LOCKS = ("base.txt", "dev.txt")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==(\S+)(?: ;[^\\]*)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
PLACE = re.compile(
    r"://|^\s*-|\s@\s|^\.|^/|\bfile:|--(?:extra-)?index|--find-links|--trusted|\.whl|\.tar\.gz"
)


def lines(name: str) -> list[str]:
    found = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
    assert len(found) > 5, "the file says nothing"
    return found


def pins(name: str) -> dict[str, str]:
    found = {match[1].lower(): match[2] for line in lines(name) if (match := PIN.match(line))}
    assert len(found) > 10
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_a_pin_or_its_hash(name):
    strange = [
        line for line in lines(name) if line and not PIN.match(line) and not HASH.match(line)
    ]

    assert not strange


@pytest.mark.parametrize("name", LOCKS)
def test_no_line_names_a_place(name):
    assert not [line for line in lines(name) if not HASH.match(line) and PLACE.search(line)]


@pytest.mark.parametrize(
    "line",
    [
        "django @ https://example.org/django.whl",
        "--index-url https://example.org",
        "-e .",
        "./vendor/django.tar.gz",
        "--find-links wheels",
        "https://example.org/django.zip",
    ],
)
def test_a_place_is_noticed(line):
    assert PLACE.search(line)
    assert not PIN.match(line)


def test_product_and_tests_use_the_same_versions():
    base, dev = pins("base.txt"), pins("dev.txt")

    assert {name: dev.get(name) for name in base} == base


@pytest.mark.parametrize("name", ["base.in", "dev.in"])
def test_what_is_asked_for_is_locked(name):
    wanted = {
        re.split(r"[\[<>=!~ ]", line)[0].lower()
        for line in lines(name)
        if line and not line.startswith(("#", "-r"))
    }

    assert wanted
    assert wanted - pins(name.replace(".in", ".txt")).keys() == set()


def test_every_library_has_its_reason():
    reasons = (ROOT / "docs" / "adr" / "0006-libraries.md").read_text("utf-8").lower()
    for name in ("base.in", "dev.in"):
        for line in lines(name):
            if line and not line.startswith(("#", "-r")):
                library = re.split(r"[\[<>=!~ ]", line)[0].lower()
                # "pytest with django, xdist, socket" speaks of pytest-django too.
                named = library in reasons or all(part in reasons for part in library.split("-"))
                assert named, f"{library}: say why in docs/adr/0006-libraries.md"
