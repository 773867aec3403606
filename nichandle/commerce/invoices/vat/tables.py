"""The tables as they lie in ``data``, read once."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data")


class NoRate(LookupError):
    """A table knows no rate for a place and a day: the table is incomplete, which is a bug."""


def rate(place: str, on: date) -> Decimal:
    """
    Return the standard rate of a place in percent, as it is on a day.

    :raises NoRate: when the table begins later
    """
    held = [(since, value) for since, value in _rates().get(place, ()) if since <= on]
    if not held:
        raise NoRate(f"{place} on {on}")
    return held[-1][1]


@cache
def _rates() -> dict[str, list[tuple[date, Decimal]]]:
    return {
        place: sorted((date.fromisoformat(since), Decimal(value)) for since, value in rows.items())
        for place, rows in read("rates.toml").items()
    }


def read(name: str) -> dict[str, Any]:
    """Read one of the tables; decimals stay exact."""
    return tomllib.loads((_DATA / name).read_text("utf-8"), parse_float=Decimal)
