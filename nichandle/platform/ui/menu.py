"""
The menu of the customer area, and the place of every page in it.

A room says in its ``apps.py`` which entries it brings and which pages stand below them, as ``menu``
of its ``AppConfig``: the menu is what the rooms that exist have said, in the order of their ranks.
"""

from functools import cache
from itertools import chain
from typing import NamedTuple, TypeVar

from django.apps import apps
from django.utils.functional import Promise

Word = str | Promise
Row = TypeVar("Row")
REM_PER_LETTER = 0.57
"""How wide a letter of the frame's sans is, at most, on the average of a label."""
REM_PER_ENTRY = 1.75
"""What stands around each label: padding and gap."""
REM_OF_THE_REST = 27.0
"""Padding of the bar, its gaps, the mark, the languages, name and identifier at their widest."""
STEP, NARROWEST, WIDEST = 4, 40, 100
"""The widths, in rem, at which the stylesheet can fold the menu."""


class MenuEntry(NamedTuple):
    """
    One entry: the name of its page's address, its word, its icon and its rank.

    What is ``own`` is about the account: it stands behind the identifier at the top right.
    """

    name: str
    label: Word
    icon: str
    rank: int
    own: bool = False


class Below(NamedTuple):
    """
    Pages that stand below another page, by the names of their addresses.

    ``room:`` stands for all pages of a room that no other row names. ``label`` is how the way up is
    called where ``up`` is no entry of the menu.
    """

    up: str
    pages: tuple[str, ...]
    label: Word = ""


class MenuPlace(NamedTuple):
    """Where a page stands: the entry it belongs to, the page above it and that page's name."""

    entry: str
    up: str
    label: Word


NOWHERE = MenuPlace("", "", "")


@cache
def entries() -> tuple[MenuEntry, ...]:
    """Return the menu, the most important entry first."""
    return tuple(sorted(_said(MenuEntry), key=lambda entry: entry.rank))


def place_of(page: str) -> MenuPlace:
    """Return where the page of an address's name stands; ``NOWHERE`` when nobody has said it."""
    return _places(page, page.partition(":")[0])


@cache
def folds_at(labels: tuple[str, ...], brand: str) -> int:
    """Return the width, in rem, below which labels do not fit beside the brand and who is there."""
    letters = sum(map(len, labels)) + min(len(brand), 20)
    needed = letters * REM_PER_LETTER + len(labels) * REM_PER_ENTRY + REM_OF_THE_REST
    return min(max(NARROWEST, -int(-needed // STEP) * STEP), WIDEST)


@cache
def _places(page: str, room: str) -> MenuPlace:
    names = {entry.name: entry.label for entry in entries()}
    if page in names:
        return MenuPlace(page, "", "")
    above = _above(page) or _above(f"{room}:")
    if above is None:
        return NOWHERE
    if above.up in names:
        return MenuPlace(above.up, above.up, above.label or names[above.up])
    return MenuPlace(place_of(above.up).entry, above.up, above.label)


def _above(page: str) -> Below | None:
    return next((row for row in _said(Below) if page in row.pages), None)


def _said(kind: type[Row]) -> tuple[Row, ...]:
    rows = chain.from_iterable(getattr(room, "menu", ()) for room in apps.get_app_configs())
    return tuple(row for row in rows if isinstance(row, kind))
