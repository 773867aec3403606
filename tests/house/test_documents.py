"""The documents a newcomer reads, and nothing in them or in the code that belongs elsewhere."""

import re

import pytest

from nichandle.commerce.payments.providers.card import EVENTS
from nichandle.config.options import OPTIONS
from tests.house.tree import ROOT, kept_files

# Somebody's own machine; written apart so that this file does not find itself.
PRIVATE_PLACES = re.compile(
    "|".join(rf"(?<![\w.~-])/{place}/" for place in ("work", "home", "root", "Users"))
)
LEFT = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
TEXT = {".py", ".md", ".html", ".txt", ".css", ".js", ".toml", ".sh", ".po", ".yaml", ".yml", ""}
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def texts():
    found = [
        (path, path.read_text("utf-8"))
        for path in kept_files()
        if path.suffix in TEXT and "requirements" not in path.parts
    ]
    assert len(found) > 500, "the walk finds nothing"
    return found


def test_agents_md_is_at_most_eighty_lines():
    assert len((ROOT / "AGENTS.md").read_text("utf-8").splitlines()) <= 80


@pytest.mark.parametrize("name", ["README.md", "AGENTS.md", "docs/start.md"])
def test_a_newcomer_finds_their_way(name):
    assert "script/server" in (ROOT / name).read_text("utf-8")


def test_the_first_reading_is_as_long_as_it_says():
    text = (ROOT / "docs" / "start.md").read_text("utf-8")
    section = text.split("## Follow one click")[1].split("\n## ")[0]
    said = re.search(r"some ([\d,]+) lines in (\d+) files\s+of `([\w/]+)`", section)
    assert said
    names = [name for name in re.findall(r"`([\w/]+\.py)`", section) if "tests/" not in name]
    files = [ROOT / said[3] / name for name in names if not name.startswith("nichandle/")]
    lines = sum(len(file.read_text("utf-8").splitlines()) for file in files)

    assert len(files) == int(said[2])
    assert abs(lines - int(said[1].replace(",", ""))) <= 100, lines


@pytest.mark.parametrize("name", ["CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"])
def test_what_a_stranger_reads_first_is_a_page_at_most(name):
    assert 10 < len((ROOT / name).read_text("utf-8").splitlines()) <= 60


def test_decision_records_are_a_page_at_most():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))

    assert len(records) > 5
    assert [path.name for path in records if len(path.read_text("utf-8").splitlines()) > 90] == []


def test_no_file_names_a_place_of_somebodys_machine():
    assert [str(path) for path, text in texts() if PRIVATE_PLACES.search(text)] == []


def test_nothing_is_left_to_do():
    assert [str(path) for path, text in texts() if LEFT.search(text)] == []


def test_links_between_documents_lead_somewhere():
    links = [
        (path, target)
        for path, text in texts()
        if path.suffix == ".md"
        for target in LINK.findall(text)
    ]
    broken = [
        f"{path.relative_to(ROOT)} -> {target}"
        for path, target in links
        if not (path.parent / target).exists()
    ]

    assert links
    assert not broken


def test_documents_name_only_settings_that_exist():
    known = {option.name for option in OPTIONS} | {"NICHANDLE_TEST_DATABASE_URL"}
    named = {
        (path.name, name)
        for path, text in texts()
        if path.suffix == ".md" and "adr" not in path.parts
        for name in re.findall(r"\bNICHANDLE_[A-Z_]*[A-Z]\b", text)
    }

    assert named
    # A setting may be the path of a file itself, or be given by one.
    assert not {each for each in named if not {each[1], each[1].removesuffix("_FILE")} & known}


def test_the_page_of_payments_names_every_event_that_stripe_has_to_tell():
    page = (ROOT / "docs/operators/payments.md").read_text("utf-8")

    assert EVENTS
    assert not [event for event in EVENTS if f"`{event}`" not in page]
