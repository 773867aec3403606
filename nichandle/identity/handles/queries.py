"""Finding identifiers from what people type."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from nichandle.identity.handles import spelling
from nichandle.identity.handles.models import Handle

Found = TypeVar("Found")
MOST_CANDIDATES = 20
"""More than an agent reads out of; the best come first."""


def keys_for(text: str) -> list[frozenset[str]]:
    """Return the keys that a typed text may stand for, best rank first."""
    return spelling.keys(text, suffix=settings.NICHANDLE_SUFFIX)


def skeleton(text: str) -> str:
    """Return what all spellings of one identifier have in common; empty when it cannot be one."""
    return spelling.skeleton(text, suffix=settings.NICHANDLE_SUFFIX)


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

    One statement, whatever was typed.
    """
    ranks = keys_for(text)
    rows = _rows([key for rank in ranks for key in rank])
    found = choose(ranks, rows, key=lambda row: row.key, meaning=lambda row: _main(row).pk)
    return _main(found) if found else None


def candidates(text: str) -> list[Handle]:
    """
    Return the identifiers that what was typed may mean, the likeliest first.

    Those it means exactly (two, where it is ambiguous), then those one mistake away. For agents
    only: on a public page it would help to guess. One statement.
    """
    ranked = spelling.near(text, suffix=settings.NICHANDLE_SUFFIX)
    found: dict[Handle, int] = {}
    for row in _rows(list(ranked)):
        main = _main(row)
        found[main] = min(ranked[row.key], found.get(main, ranked[row.key]))
    return sorted(found, key=lambda handle: (found[handle], handle.text))[:MOST_CANDIDATES]


def suffix_of_the_newest() -> str | None:
    """
    Return the suffix of the identifier that was issued last.

    None when none was, or when the database has no table for them yet.
    """
    if Handle._meta.db_table not in connection.introspection.table_names():
        return None
    issued = Handle.objects.filter(kind=Handle.Kind.ISSUED).order_by("-pk")
    text = issued.values_list("text", flat=True).first()
    return text.rpartition("-")[2] if text else None


def _rows(keys: list[str]) -> QuerySet[Handle]:
    # Without keys the statement is made all the same: nonsense takes as long as a good guess.
    return Handle.objects.filter(key__in=keys or [""]).select_related("alias_of")


def _main(row: Handle) -> Handle:
    return row.alias_of or row
