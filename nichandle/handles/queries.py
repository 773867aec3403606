"""Finding identifiers from what people type."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from django.conf import settings

from nichandle.handles import spelling
from nichandle.handles.models import Handle

Found = TypeVar("Found")


def keys_for(text: str) -> list[frozenset[str]]:
    """Return the keys that a typed text may stand for, best rank first."""
    return spelling.keys(text, suffix=settings.NICHANDLE_SUFFIX)


def choose(
    ranks: Sequence[frozenset[str]],
    found: Iterable[Found],
    *,
    key: Callable[[Found], str],
    meaning: Callable[[Found], Hashable],
) -> Found | None:
    """Pick from rows found by ``keys_for``: the best rank decides; two meanings there mean none."""
    rows = list(found)
    for rank in ranks:
        matching = [row for row in rows if key(row) in rank]
        if matching:
            same = len({meaning(row) for row in matching}) == 1
            return matching[0] if same else None
    return None


def resolve(text: str) -> Handle | None:
    """
    Return the identifier that a person typed, or whose alias it is; None when it means none or two.

    One statement.
    """
    ranks = keys_for(text)
    wanted = [key for rank in ranks for key in rank]
    rows = Handle.objects.filter(key__in=wanted).select_related("alias_of")
    found = choose(
        ranks, rows, key=lambda row: row.key, meaning=lambda row: row.alias_of_id or row.pk
    )
    return (found.alias_of or found) if found else None


def candidates(text: str) -> list[Handle]:
    """
    Return the identifiers at one mistake's distance from what was typed.

    For agents only: on a public page it would help to guess. One statement.
    """
    rows = Handle.objects.filter(key__in=spelling.near(text, suffix=settings.NICHANDLE_SUFFIX))
    found = {row.alias_of or row for row in rows.select_related("alias_of")}
    return sorted(found, key=lambda row: row.text)
