"""`script/test --quick` chooses the tests nearest to what has changed."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

sys.path.append(str(ROOT / "script" / "lib"))

import changed

FILES = (
    "nichandle/identity/signin/operations.py",
    "nichandle/identity/signin/sessions/store.py",
    "nichandle/identity/signin/tests/test_one.py",
    "nichandle/identity/signin/tests/helper.py",
    "nichandle/identity/pauses/models.py",
    "nichandle/identity/pauses/tests/test_pauses.py",
    "nichandle/locale/fr/django.po",
    "nichandle/lonely.py",
    "tests/support/post.py",
    "tests/journeys/test_going.py",
    "docs/start.md",
)
SIGNIN = "nichandle/identity/signin/tests"
PAUSES = "nichandle/identity/pauses/tests"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A repository whose branch differs from main by what a test writes."""
    monkeypatch.setattr(changed, "ROOT", tmp_path)
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("first\n")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "First")
    git(tmp_path, "checkout", "--quiet", "-b", "work")
    return tmp_path


def git(folder, *words):
    who = ("-c", "user.name=D", "-c", "user.email=d@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder, subject):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", subject)


def write(tree, *names):
    for name in names:
        (tree / name).write_text("second\n")


@pytest.mark.parametrize(
    ("names", "tests"),
    [
        (["nichandle/identity/signin/operations.py"], [SIGNIN]),
        (["nichandle/identity/signin/sessions/store.py"], [SIGNIN]),
        ([f"{SIGNIN}/test_one.py"], [f"{SIGNIN}/test_one.py"]),
        ([f"{SIGNIN}/test_one.py", f"{SIGNIN}/helper.py"], [SIGNIN]),
        ([f"{PAUSES}/test_pauses.py", f"{SIGNIN}/helper.py"], [f"{PAUSES}/test_pauses.py", SIGNIN]),
        (["nichandle/locale/fr/django.po"], []),
        (["docs/start.md"], []),
    ],
)
def test_the_tests_of_the_room_or_the_test_itself_and_always_the_house(tree, names, tests):
    write(tree, *names)

    assert changed.chosen().tests == [*tests, "tests/house"]


def test_what_everybody_uses_and_journeys_are_named_as_left_out(tree):
    names = ["nichandle/lonely.py", "tests/journeys/test_going.py", "tests/support/post.py"]
    write(tree, *names)
    found = changed.chosen()

    assert found.beyond == names
    assert all(name in found.told() for name in names)


def test_it_counts_from_the_last_commit_on_main(tree):
    write(tree, "nichandle/identity/pauses/models.py")
    commit(tree, "Second")
    (tree / SIGNIN / "test_new.py").write_text("new\n")
    found = changed.chosen()

    assert found.tests == [f"{SIGNIN}/test_new.py", PAUSES, "tests/house"]
    assert "(First)" in found.base
    (tree / SIGNIN / "test_one.py").unlink()
    assert changed.chosen().tests == found.tests


def test_on_main_it_counts_from_the_commit_before(tree):
    git(tree, "checkout", "--quiet", "main")
    write(tree, "nichandle/identity/pauses/models.py")
    commit(tree, "Second")

    assert changed.chosen().tests == [PAUSES, "tests/house"]
    assert "(First)" in changed.chosen().base
