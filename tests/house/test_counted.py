"""A counted refusal keeps its count: never inside a transaction that would roll it back."""

import pytest

from nichandle.config import reference
from tests.house import counted
from tests.house.names import names_of
from tests.house.proofs import collected, expects, files_of_tests
from tests.house.tree import PACKAGE, ROOT, Module, product


def refusals() -> dict[str, bool]:
    return {f"{each.__module__}.{each.__qualname__}": each.counted for each in reference.refusals()}


def test_no_counted_refusal_is_raised_inside_a_transaction_that_rolls_it_back():
    found = refusals()

    assert len([name for name, always in found.items() if always]) > 10
    assert not counted.breaks(product(), found)


GUESSED = "nichandle.identity.signin.guessing.GuessWrong"
REFUSALS = {GUESSED: True, "nichandle.identity.signin.guessing.TooLate": False}
HOME = """
from django.db import transaction
from nichandle.platform.kernel.counted import counting

class GuessWrong(Refused):
    counted = True

class TooLate(Refused):
    pass

def guess():
    raise GuessWrong(left=1)

def late():
    raise TooLate(counted=True)

def look():
    if late():
        return guess
    return guess()

def own():
    with counting():
        return guess()

def caught():
    with transaction.atomic():
        try:
            pass
        except GuessWrong:
            return
"""
ABOVE = """
from django.db import transaction
from nichandle.identity.signin import guessing
from nichandle.identity.signin.guessing import GuessWrong, look, own
from nichandle.identity.signin.guessing import late as later
from nichandle.platform.kernel.counted import counting
"""


def breaks_of(text: str) -> list[str]:
    modules = [
        Module(PACKAGE / "identity/signin/guessing.py", HOME),
        Module(PACKAGE / "identity/recovery/operations.py", ABOVE + text),
    ]
    return counted.breaks(modules, REFUSALS)


@pytest.mark.parametrize(
    "text",
    [
        "def act():\n    with transaction.atomic():\n        raise GuessWrong",
        "def act():\n    with transaction.atomic():\n        raise GuessWrong(left=2)",
        "def act():\n    with transaction.atomic():\n        raise A if b else guessing.GuessWrong",
        "def act():\n    with transaction.atomic():\n        raise guessing.TooLate(counted=True)",
        "def act():\n    with transaction.atomic():\n        refusal = GuessWrong()",
        "def act():\n    with transaction.atomic(), open():\n        if a:\n            look()",
        "def act():\n    with transaction.atomic():\n        return [guessing.guess() for _ in a]",
        "def act():\n    with transaction.atomic():\n        return later()",
        "def act():\n    with transaction.atomic():\n        return look().close(1)",
        "def act():\n    with transaction.atomic():\n        return own()",
        "def act():\n    with transaction.atomic():\n        with counting():\n            pass",
        "def act():\n    with counting():\n        with transaction.atomic():\n            look()",
        "def act():\n    with counting(), transaction.atomic():\n        look()",
        "@transaction.atomic\ndef act():\n    look()",
        "@transaction.atomic()\ndef act():\n    look()",
        "def act():\n    look()\n\n@transaction.atomic\ndef outer():\n    return act()",
        "@counting()\ndef act():\n    pass\n\n@transaction.atomic\ndef outer():\n    return act()",
    ],
)
def test_a_break_is_noticed(text):
    assert breaks_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "def act():\n    with counting():\n        raise GuessWrong",
        "def act():\n    with counting():\n        look()",
        "@counting()\ndef act():\n    with transaction.atomic():\n        pass\n    look()",
        "def act():\n    with transaction.atomic():\n        pass\n    raise GuessWrong",
        "def act():\n    with transaction.atomic():\n        raise GuessWrong(counted=False)",
        "def act():\n    with transaction.atomic():\n        raise guessing.TooLate",
        "def act():\n    return own()",
    ],
)
def test_what_is_allowed_is_left_alone(text):
    assert not breaks_of(text)


def test_every_counted_refusal_is_tried_by_its_room():
    """That it comes, and its trace stays, the room's own tests show."""
    always = {name for name, kind in refusals().items() if kind}
    now_and_then = counted.counted_once(product())
    classes = {f"{each.__module__}.{each.__qualname__}": each for each in reference.refusals()}

    assert always
    assert now_and_then
    for name in sorted(always | now_and_then):
        room = ROOT.joinpath(*name.split(".")[:3])
        assert any(
            expects(test, names_of(module), classes[name])
            for module in files_of_tests(room)
            for test in collected(module).values()
        ), f"{name} is counted; show that it comes and leaves a trace"
