"""Each wing and each room says what it is for and how it is laid out; here it is held to that."""

import re

import pytest

from tests.house.plans import LONGEST_PLAN, MOST_MODULES, crowds, named_in, packages, plan_breaks
from tests.house.tree import PACKAGE, ROOT, WINGS


def written(folder, plan: str, *, rooms=(), modules=()):
    """Lay a folder out, as a wing or a room."""
    (folder / "__init__.py").write_text(f'"""{plan}"""\n' if plan else "")
    for room in rooms:
        (folder / room).mkdir()
        (folder / room / "__init__.py").write_text("")
    for module in modules:
        (folder / f"{module}.py").write_text("")
    return folder


def test_every_folder_is_laid_out_as_it_says():
    folders = packages(PACKAGE)
    breaks = [sentence for folder in folders for sentence in plan_breaks(folder)]

    assert len(folders) > 40
    assert {PACKAGE / "identity", PACKAGE / "identity" / "signin" / "sessions"} <= set(folders)
    assert not breaks, "\n" + "\n".join(breaks)


def test_no_folder_is_crowded():
    assert list(crowds(PACKAGE)) == []


def test_the_plan_for_newcomers_names_every_wing_and_room():
    text = (ROOT / "AGENTS.md").read_text("utf-8")
    plan = re.search(r"## The plan of the house\n.*?```\n(.*?)```", text, re.DOTALL)
    wings = [wing for wing in WINGS if (PACKAGE / wing).is_dir()]
    rooms = [room.parent.name for wing in wings for room in (PACKAGE / wing).glob("*/__init__.py")]

    assert plan
    assert len(rooms) > 15
    assert {*wings, *rooms} - set(re.findall(r"\w+", plan[1])) == set()


def test_names_stand_at_the_beginning_of_a_row():
    rows = ("first second   two of them", "third    one", "         and more of it")
    plan = "\n".join(["Where rooms are.", "", "No row: this is a sentence.", *rows])

    assert named_in(plan) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("plan", "layout"),
    [
        ("", {}),
        ("Rooms.", {"rooms": ["one"]}),
        ("Rooms.\n\none   the first", {"rooms": ["one", "two"]}),
        ("Rooms.\n\none two   both", {"rooms": ["one"]}),
        ("Rooms.\n\none   it\none   again", {"rooms": ["one"]}),
        ("Rooms.\n\none   the first", {"modules": ["two"]}),
        ("Rooms.\n" + "\nand so on" * (LONGEST_PLAN - 1), {}),
    ],
)
def test_a_plan_that_says_something_else_is_noticed(tmp_path, plan, layout):
    assert list(plan_breaks(written(tmp_path, plan, **layout)))


@pytest.mark.parametrize(
    ("plan", "layout"),
    [
        ("One room, and what it is for.", {"modules": ["models"]}),
        (
            "Rooms.\n\none two   both\nthree     a module",
            {"rooms": ["one", "two"], "modules": ["three"]},
        ),
        ("Pages.", {"rooms": ["views", "tests", "migrations", "management", "templatetags"]}),
        ("Rooms.\n" + "\nand so on" * (LONGEST_PLAN - 2), {}),
    ],
)
def test_a_plan_that_says_what_is_there_is_left_alone(tmp_path, plan, layout):
    assert not list(plan_breaks(written(tmp_path, plan, **layout)))


def test_a_crowded_folder_is_noticed(tmp_path):
    names = [f"module_{number}" for number in range(MOST_MODULES)]
    (tmp_path / "room").mkdir()
    (tmp_path / "tests").mkdir()
    room = written(tmp_path / "room", "A room.", modules=names)
    written(tmp_path / "tests", "Tests.", modules=[*names, "one_more"])

    assert not list(crowds(tmp_path))
    (room / "one_more.py").write_text("")
    assert list(crowds(tmp_path)) == [f"{room} holds {MOST_MODULES + 1} modules"]
