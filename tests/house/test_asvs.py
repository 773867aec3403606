"""The tables of standards name tests that run, leave nothing out, and give their reasons."""

import re
from collections import Counter
from functools import cache

import pytest
from django.urls import get_resolver

from tests.house.asvs import LEVELS, wanted
from tests.house.proofs import collected
from tests.house.tree import ROOT, Module

FOLDER = ROOT / "docs" / "operators"
FIRST = (FOLDER / "asvs.md").read_text("utf-8")
PAGES = {path.name: path.read_text("utf-8") for path in sorted((FOLDER / "asvs").glob("*.md"))}
TABLES = "\n".join([FIRST, *PAGES.values()])
TEST = re.compile(r"`([\w/.]+\.py)::(test_\w+)`")
ROW = re.compile(
    r"^\| (\d+\.\d+)\.(\d+)(?:–\1\.(\d+))? \| (\d) \| ([^|]+) \| (.*) \|$", re.MULTILINE
)
REASON = re.compile(r"(?:does not apply|not applicable)[^:]*: \w+(?: \S+){2,}")
DEVIATION = re.compile(r"\*\*deviation (\d+)\*\*")
OPERATOR = re.compile(r"the operator's part[^<]*`(docs/operators/\w+\.md)`")
DOCUMENTED = re.compile(r"(?:is|are) documented\b")
NAMED = re.compile(r"`((?:docs/|[A-Z]+\.md)[\w/.-]*)`")


@cache
def run_by_pytest(path: str) -> set[str]:
    assert path.startswith(("nichandle/", "tests/")), "pytest looks nowhere else"
    return set(collected(Module(ROOT / path, (ROOT / path).read_text("utf-8"))))


def rows(text: str) -> list[tuple[str, int, str, str]]:
    """Return each requirement with its level, what it asks, and what is said of it."""
    return [
        (f"{section}.{number}", int(level), asked, said)
        for section, first, last, level, asked, said in ROW.findall(text)
        for number in range(int(first), int(last or first) + 1)
    ]


def standards() -> list[tuple[str, int, str, str]]:
    return rows(FIRST.partition("## NIST")[0]) + rows("\n".join(PAGES.values()))


def answered(asked: str, said: str) -> bool:
    """Tell whether a row has a test, a reason, a deviation, or the document that is asked for."""
    if TEST.search(said) or REASON.search(said) or DEVIATION.search(said) or OPERATOR.search(said):
        return True
    return bool(DOCUMENTED.search(asked) and NAMED.search(said))


def test_every_test_that_the_tables_name_is_run():
    named = TEST.findall(TABLES)
    missing = [f"{path}::{name}" for path, name in named if name not in run_by_pytest(path)]

    assert len(named) > 250
    assert not missing, "no such test, or one that is skipped or empty"


def test_the_standard_is_known_whole():
    assert Counter(LEVELS.values()) == {1: 70, 2: 183, 3: 92}
    assert sum(1 for level in wanted().values() if level < 3) == 253


def test_every_requirement_has_its_row_and_no_other():
    found = Counter(number for number, *_others in standards())

    assert wanted().keys() - found.keys() == set()
    assert found.keys() - wanted().keys() == set()
    assert [number for number, times in found.items() if times > 1] == []


def test_every_row_names_its_level():
    assert [one[0] for one in standards() if wanted().get(one[0]) != one[1]] == []


def test_every_row_has_its_test_or_its_reason():
    assert [number for number, _, asked, said in standards() if not answered(asked, said)] == []


@pytest.mark.parametrize(
    "said",
    [
        "",
        "it is so",
        "`docs/start.md`",
        "does not apply",
        "not applicable: no",
        "the operator's part",
    ],
)
def test_a_row_without_either_is_noticed(said):
    assert not answered("Clocks agree", said)


def test_every_deviation_that_is_named_is_explained_and_every_one_explained_is_named():
    listed = re.findall(r"^(\d+)\. \*\*", FIRST, re.MULTILINE)
    named = set(DEVIATION.findall(TABLES.partition("## ASVS 5.0")[2]))

    assert [int(number) for number in listed] == list(range(1, len(listed) + 1))
    # The fifth is of NIST's figures, which rows of the standard do not speak of.
    assert set(listed) - named == {"5"}
    assert named - set(listed) == set()


def test_documents_that_rows_name_are_there():
    assert [name for name in NAMED.findall(TABLES) if not (ROOT / name).exists()] == []


def test_the_first_page_leads_to_every_other():
    assert [name for name in PAGES if f"](asvs/{name})" not in FIRST] == []


def test_nothing_speaks_oauth():
    places = str(get_resolver().url_patterns)
    locked = (ROOT / "requirements" / "base.txt").read_text("utf-8")

    assert not re.search(r"oauth|oidc|openid|authorize|\.well-known|jwks|saml", places)
    assert not re.search(r"^[\w-]*(?:oauth|oidc|openid|jwt|saml|authlib)", locked, re.MULTILINE)
