"""The tables as they lie in ``data``: rates by place and day, and the rows of the decision."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data")


class NoRate(LookupError):
    """A table knows no rate for a place and a day: the table is incomplete, which is a bug."""


@dataclass(frozen=True, slots=True)
class VatRule:
    """
    One row of the decision table.

    ``when`` lists, by name of a circumstance, the values with which the row holds; ``table`` is its
    number in the table of ``docs/algorithms/vat.md``.
    """

    key: str
    table: str
    when: Mapping[str, frozenset[object]]
    category: str
    law: str
    channel: Mapping[str, str]
    reason: Mapping[str, str]
    rate: str = ""
    code: str = ""
    text: Mapping[str, str] = field(default_factory=dict)

    def holds(self, circumstances: Mapping[str, object]) -> bool:
        return all(circumstances[name] in values for name, values in self.when.items())


def rate(place: str, on: date) -> Decimal:
    """
    Return the standard rate of a place in percent, as it is on a day.

    :raises NoRate: when the table begins later
    """
    held = [value for since, value in rates().get(place, ()) if since <= on]
    if not held:
        raise NoRate(f"{place} on {on}")
    return held[-1]


@cache
def rates() -> Mapping[str, tuple[tuple[date, Decimal], ...]]:
    """Return all rates by place, each with the day since when it holds, oldest first."""
    return {
        place: tuple(
            sorted((date.fromisoformat(since), Decimal(value)) for since, value in held.items())
        )
        for place, held in read("rates.toml").items()
    }


@cache
def rows() -> tuple[VatRule, ...]:
    """Return the rows of the decision in their order."""
    return tuple(
        VatRule(**{**row, "when": {name: _values(value) for name, value in row["when"].items()}})
        for row in read("rows.toml")["row"]
    )


@cache
def doubts() -> Mapping[str, Mapping[str, str]]:
    """Return what is said of a VAT number that nobody confirmed, by language and answer."""
    found: dict[str, dict[str, str]] = read("rows.toml")["doubts"]
    return found


def read(name: str) -> dict[str, Any]:
    """Read one of the tables; decimals stay exact."""
    return tomllib.loads((_DATA / name).read_text("utf-8"), parse_float=Decimal)


def _values(value: object) -> frozenset[object]:
    return frozenset(value) if isinstance(value, list) else frozenset((value,))
