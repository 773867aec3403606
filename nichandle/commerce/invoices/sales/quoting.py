"""What things cost with VAT: the same function for the shop, the order and the invoice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nichandle.commerce.invoices.facts import (
    Evidence,
    Line,
    Party,
    Seller,
    Totals,
    Vat,
    VatRow,
)
from nichandle.commerce.invoices.frozen.snapshots import Snapshot
from nichandle.commerce.invoices.vat.deciding import decide
from nichandle.platform.kernel.money import Money

QUANTITY_DECIMALS, PRICE_DECIMALS = 4, 6
"""More is refused by the French rules BR-FR-DEC-02 and BR-FR-DEC-03."""

OUTSIDE = "O"
"""The category of what no VAT applies to."""


class TooManyDecimals(ValueError):
    """A quantity or a unit price is finer than an invoice can say: a bug, or a faulty catalogue."""


@dataclass(frozen=True, slots=True)
class SaleItem(Snapshot):
    """What is sold, before VAT is decided; fields as those of ``Line``."""

    label: str
    details: str
    vat_class: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    period: tuple[date, date] | None = None


Item = SaleItem
"""As callers say it, for whom an item of a request to hand over is far away."""


@dataclass(frozen=True, slots=True)
class Quote(Snapshot):
    """Lines with their VAT, and what they come to."""

    lines: tuple[Line, ...]
    totals: Totals


def quote(
    items: Iterable[Item],
    *,
    buyer: Party,
    seller: Seller,
    on: date,
    evidence: Evidence | None,
    currency: str,
) -> Quote:
    """
    Return what ``items`` cost this customer on a day, to the smallest unit of ``currency``.

    :raises vat.asking.PlaceNotClear: when what is known about the customer contradicts itself
    :raises vat.asking.NumberElsewhere: when the VAT number is of another state than the address
    :raises TooManyDecimals: for a quantity of more than 4 decimals or a unit price of more than 6
    """
    lines = tuple(
        line_of(
            item,
            vat=decide(item.vat_class, buyer=buyer, seller=seller, on=on, evidence=evidence),
            currency=currency,
        )
        for item in items
    )
    return Quote(lines, totals_of(lines, currency))


def line_of(item: Item, *, vat: Vat, currency: str) -> Line:
    """
    Return the line of an item: quantity times unit price, rounded once.

    :raises TooManyDecimals: as in ``quote``
    """
    _check_decimals(item.quantity, QUANTITY_DECIMALS)
    _check_decimals(item.unit_price, PRICE_DECIMALS)
    return Line(
        label=item.label,
        details=item.details,
        quantity=item.quantity,
        unit=item.unit,
        unit_price=item.unit_price,
        net=Money(item.quantity * item.unit_price, currency).rounded(),
        vat=vat,
        period=item.period,
    )


def totals_of(lines: Sequence[Line], currency: str) -> Totals:
    """
    Add lines up as EN 16931 wants it: VAT on the sum of each category and rate, not line by line.

    BR-CO-10, BR-CO-13, BR-CO-14, BR-CO-15 and BR-CO-17, with halves away from zero.
    """
    groups: dict[tuple[str, Decimal], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.vat.category, line.vat.rate), []).append(line)
    rows = tuple(_vat_row(group, currency) for _key, group in sorted(groups.items()))
    net = _sum((line.net for line in lines), currency)
    tax = _sum((row.tax for row in rows), currency)
    return Totals(net=net, vat_rows=rows, tax=tax, gross=net + tax)


def _vat_row(lines: Sequence[Line], currency: str) -> VatRow:
    first = lines[0].vat
    base = _sum((line.net for line in lines), currency)
    return VatRow(
        category=first.category,
        rate=first.rate,
        base=base,
        tax=(base * (first.rate / 100)).rounded(),
        code=first.code,
        text=first.text,
    )


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))


def _check_decimals(value: Decimal, most: int) -> None:
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > most:
        raise TooManyDecimals(f"{value} has more than {most} decimals")
