"""The state whose VAT a line bears, and where it is declared."""

from enum import StrEnum
from functools import cache
from typing import NamedTuple

from nichandle.commerce.invoices.facts import Document, Line
from nichandle.commerce.invoices.vat import tables
from nichandle.commerce.invoices.vat.tables import VatRule
from nichandle.commerce.invoices.vat.territories import territory_of

GOODS = "goods-"
"""How the rows of the table begin that are about goods; advice of any kind is a service."""


class Return(StrEnum):
    """Where VAT is declared."""

    FRANCE = "CA3"
    ONE_STOP = "OSS"
    ABROAD = "local"
    NONE = ""


class TaxPlace(NamedTuple):
    """``code`` names a table of rates (``DE``, ``FR-DOM``), or the customer's place without VAT."""

    code: str
    declared: Return


def place_of(line: Line, document: Document) -> TaxPlace:
    """
    Return where a line bears VAT; without VAT, where the customer is.

    :raises LookupError: for a row that the table of decisions no longer has, which is a bug: rows
        are added, never removed, since documents name them
    """
    row, buyer = _rows()[line.vat.row], document.buyer
    territory = territory_of(buyer.country, buyer.postcode)
    if row.rate == "FR":
        return TaxPlace("FR", Return.FRANCE)
    if not row.rate:
        return TaxPlace(territory.code, Return.NONE)
    if territory.zone not in {"eu", "ni"}:
        return TaxPlace(territory.rates, Return.FRANCE)
    abroad = row.key.endswith("-local")
    return TaxPlace(territory.rates, Return.ABROAD if abroad else Return.ONE_STOP)


def is_goods(line: Line) -> bool:
    return line.vat.row.startswith(GOODS)


@cache
def _rows() -> dict[str, VatRule]:
    return {row.key: row for row in tables.rows()}
