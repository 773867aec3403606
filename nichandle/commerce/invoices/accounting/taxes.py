"""The VAT of a document by the state that it is for, in euros."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from nichandle.commerce.invoices.accounting.issued import HOME, Issued
from nichandle.commerce.invoices.accounting.places import TaxPlace, is_goods, place_of
from nichandle.commerce.invoices.facts import Line, VatRow
from nichandle.platform.kernel.money import Money


class TaxShare(NamedTuple):
    """What a document says of one state, rate and kind of sale; negative on a credit note."""

    place: TaxPlace
    category: str
    rate: Decimal
    code: str
    goods: bool
    base: Money
    tax: Money


def shares(issued: Issued) -> Iterator[TaxShare]:
    """
    Yield the shares of a document; they add up to its totals, to the cent.

    A document sums VAT by category and rate. Two states may have the same rate: its tax is then
    divided as the bases are, and the last share takes what rounding left.

    :raises RateNotNamed: for a document in another currency without a rate
    """
    for row in issued.document.totals.vat_rows:
        base, tax = Money.zero(HOME), Money.zero(HOME)
        whole_base, whole_tax = issued.at_home(row.base), _tax(issued, row)
        groups = _grouped(issued, row)
        for number, ((place, goods), lines) in enumerate(groups.items(), start=1):
            if number == len(groups):
                own_base, own_tax = whole_base - base, whole_tax - tax
            else:
                net = sum((line.net for line in lines), Money.zero(row.base.currency))
                own_base = issued.at_home(net)
                own_tax = (own_base * (row.rate / 100)).rounded()
            base, tax = base + own_base, tax + own_tax
            signed = own_base * issued.sign, own_tax * issued.sign
            yield TaxShare(place, row.category, row.rate, row.code, goods, *signed)


def _tax(issued: Issued, row: VatRow) -> Money:
    """Return the row's tax in euros: what the document itself says, where it says so."""
    conversion, rows = issued.document.conversion, issued.document.totals.vat_rows
    taxed = [each for each in rows if each.tax.amount]
    if conversion is not None and conversion.tax.currency == HOME and taxed == [row]:
        return conversion.tax
    return issued.at_home(row.tax)


def _grouped(issued: Issued, row: VatRow) -> dict[tuple[TaxPlace, bool], list[Line]]:
    groups: dict[tuple[TaxPlace, bool], list[Line]] = {}
    for line in issued.document.lines:
        if (line.vat.category, line.vat.rate) == (row.category, row.rate):
            place = place_of(line, issued.document)
            groups.setdefault((place, is_goods(line)), []).append(line)
    return groups
