"""The table of standards names tests that exist, and leaves no requirement out."""

import re
from functools import cache

from tests.house.proofs import collected
from tests.house.tree import ROOT, Module

TABLE = (ROOT / "docs" / "operators" / "asvs.md").read_text("utf-8")
TEST = re.compile(r"`([\w/.]+\.py)::(test_\w+)`")
ROW = re.compile(r"^\| (\d\.\d+\.\d+)(?:–\d\.\d+\.(\d+))? \|", re.MULTILINE)
# How many requirements each section of the three chapters has.
SECTIONS = {
    "6.1": 3,
    "6.2": 12,
    "6.3": 8,
    "6.4": 6,
    "6.5": 8,
    "6.6": 4,
    "6.7": 2,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 3,
    "7.6": 2,
    "9.1": 3,
    "9.2": 4,
}


@cache
def run_by_pytest(path: str) -> set[str]:
    assert path.startswith(("nichandle/", "tests/")), "pytest looks nowhere else"
    return set(collected(Module(ROOT / path, (ROOT / path).read_text("utf-8"))))


def test_every_test_that_the_table_names_is_run():
    named = TEST.findall(TABLE)
    missing = [f"{path}::{name}" for path, name in named if name not in run_by_pytest(path)]

    assert named
    assert not missing, "no such test, or one that is skipped or empty"


def test_every_requirement_has_its_row():
    found = set()
    for first, last in ROW.findall(TABLE.partition("## NIST")[0]):
        section, _dot, number = first.rpartition(".")
        found |= {f"{section}.{each}" for each in range(int(number), int(last or number) + 1)}

    wanted = {
        f"{section}.{number}"
        for section, count in SECTIONS.items()
        for number in range(1, count + 1)
    }
    assert found == wanted
