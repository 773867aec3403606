"""
Reading the seller file.

TOML, because its strings are quoted: a SIREN keeps its zeros, and no word is taken for a yes. The
line of each fault is looked for in the text, since the standard library's parser does not keep it.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from nichandle.commerce.invoices.facts import Seller
from nichandle.commerce.invoices.selling import numbers

TEXTS: Final = frozenset({"mediator", "insurance", "late_rate"})
"""Texts by language: a table each."""
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "regime": ("normal", "franchise"),
    "vat_on": ("debits", "receipts"),
}
NEEDED: Final = ("name", "lines", "postcode", "city", "email")
OWN: Final = frozenset({"time_zone"})
"""Keys that no invoice shows."""


@dataclass(frozen=True, slots=True)
class SellerFault:
    """What is wrong on which line of the file, and what to write instead."""

    line: int
    key: str
    cure: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.key}: {self.cure}" if self.key else f"{where}{self.cure}"


class SellerWrong(Exception):
    """The seller file cannot be used; ``faults`` are all that is wrong with it."""

    def __init__(self, faults: list[SellerFault]) -> None:
        self.faults = faults
        super().__init__("; ".join(str(fault) for fault in faults))


@dataclass(frozen=True, slots=True)
class Selling:
    """The seller, and the time zone whose days their documents are dated by."""

    seller: Seller
    zone: ZoneInfo


def read(text: str, *, demo: bool) -> Selling:
    """
    Read a seller file; ``demo`` marks all that is issued as not valid.

    :raises SellerWrong: with every fault, by line and with its cure
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else 0
        raise SellerWrong([SellerFault(line, "", f"this is not TOML: {error}")]) from error
    faults = [SellerFault(_line(text, key), key, cure) for key, cure in _faults(given)]
    if faults:
        raise SellerWrong(sorted(faults, key=lambda fault: fault.line))
    zone = ZoneInfo(given.pop("time_zone", "Europe/Paris"))
    given["lines"] = tuple(given["lines"])
    given["mentions"] = tuple(given.get("mentions", ()))
    return Selling(Seller(**given, demo=demo), zone)


def _faults(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = {field.name: field for field in fields(Seller) if field.name != "demo"}
    for key, value in given.items():
        if key not in known and key not in OWN:
            yield key, f"no such key; known are {', '.join(sorted({*known, *OWN}))}."
            continue
        default = known[key].default if key in known else ""
        if cure := _wrong_kind(key, value, default) or _wrong_value(key, value):
            yield key, cure
    for key in NEEDED:
        if not given.get(key):
            yield key, f"is missing: every invoice shows it. Write {key} = …"
    yield from _do_not_fit(given)


def _wrong_kind(key: str, value: Any, default: Any) -> str:
    if key == "lines":
        good = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return "" if good else 'must be a list of texts: ["2 rue Kellermann"].'
    if key == "mentions":
        good = isinstance(value, list) and all(_is_text_by_language(each) for each in value)
        return "" if good else 'must be a list of texts by language: [{fr = "…", en = "…"}].'
    if key in TEXTS or key == "local_vat_numbers":
        return "" if _is_text_by_language(value) else f'must be a table: [{key}] fr = "…".'
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "must be true or false."
    return "" if isinstance(value, str) else "must be a text in quotes."


def _is_text_by_language(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _wrong_value(key: str, value: Any) -> str:
    if key in CHOICES and value not in CHOICES[key]:
        return f"must be {' or '.join(CHOICES[key])}."
    if key == "time_zone" and value not in available_timezones():
        return "must be a time zone such as Europe/Paris."
    check: Callable[[str], str] | None = numbers.CHECKS.get(key)
    return check(value) if check is not None and value else ""


def _do_not_fit(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    country, siren = given.get("country", "FR"), given.get("siren", "")
    if country == "FR" and not siren:
        yield "siren", "is missing: a French seller shows it (Code de commerce, R123-237)."
    if siren and not str(given.get("siret", siren)).startswith(str(siren)):
        yield "siret", f"must begin with the SIREN {siren}."
    vat = given.get("vat_number", "")
    if given.get("regime", "normal") == "normal" and not vat:
        yield (
            "vat_number",
            'is missing: who charges VAT shows their number. Or write regime = "franchise".',
        )
    if country == "FR" and vat and siren and not str(vat).endswith(str(siren)):
        yield "vat_number", f"must end with the SIREN {siren}."


def _line(text: str, key: str) -> int:
    """Return the line that gives a key, as key or as table; 0 when none does."""
    pattern = re.compile(rf"^\s*(?:\[\s*{re.escape(key)}\s*\]|{re.escape(key)}\s*=)")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if pattern.match(line)), 0)
