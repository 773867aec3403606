"""The accounts that sales are booked to: those of the French chart, or the operator's own."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

_SHIPPED = Path(__file__).parent / "data" / "chart.toml"
_NUMBER = re.compile(r"[1-9][0-9]{2}[0-9A-Z]{0,9}")
"""The first three characters are figures of the chart: Livre des procédures fiscales, A47 A-1."""


class Ledger(NamedTuple):
    """One account of the general ledger: ``CompteNum`` and ``CompteLib``."""

    number: str
    name: str


Chart = Mapping[str, Ledger]
"""Accounts by what they are for; the keys are those of ``data/chart.toml``."""


class ChartWrong(Exception):
    """A chart cannot be used; says in a sentence what to write."""


def shipped() -> Chart:
    """Return the accounts of the French general chart."""
    return _read(_SHIPPED.read_text("utf-8"))


def own(text: str) -> Chart:
    """
    Return the accounts of the French chart, those replaced that ``text`` (TOML) names.

    :raises ChartWrong: with all that is wrong
    """
    chart = shipped()
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ChartWrong(f"This is not TOML: {error}.") from error
    if faults := list(_faults(given, chart)):
        raise ChartWrong(" ".join(faults))
    return {**chart, **{key: Ledger(**entry) for key, entry in given.items()}}


def _read(text: str) -> Chart:
    return {key: Ledger(**entry) for key, entry in tomllib.loads(text).items()}


def _faults(given: Mapping[str, Any], chart: Chart) -> Iterator[str]:
    for key, entry in given.items():
        if key not in chart:
            yield f"[{key}]: no such account; known are {', '.join(chart)}."
        elif not isinstance(entry, dict) or set(entry) != {"number", "name"}:
            yield f'[{key}]: write number = "…" and name = "…".'
        elif not (isinstance(entry["number"], str) and _NUMBER.fullmatch(entry["number"])):
            yield f"[{key}]: a number begins with three figures of the chart, such as 706100."
        elif not (isinstance(entry["name"], str) and entry["name"].strip()):
            yield f'[{key}]: write the name of the account in quotes, such as "Clients".'
