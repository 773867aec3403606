"""What a page says of a document: its lines, and why they bear the VAT they bear."""

from dataclasses import dataclass
from decimal import Decimal

from nichandle.commerce.invoices.facts import Document, Line, said
from nichandle.platform.kernel.money import Money


@dataclass(frozen=True, slots=True)
class WhyVat:
    """One rate: what it was charged on, and why it is this one."""

    rate: Decimal
    base: Money
    tax: Money
    reason: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as a page shows it."""

    line: Line
    rate: Decimal


def lines(document: Document) -> list[ShownLine]:
    """Return the lines; rates without zeros behind the decimal mark."""
    return [ShownLine(line, bare(line.vat.rate)) for line in document.lines]


def why_vat(document: Document, language: str) -> list[WhyVat]:
    """Return each rate with the sentences that explain it; several decisions may share a rate."""
    return [
        WhyVat(
            bare(row.rate),
            row.base,
            row.tax,
            " ".join(
                dict.fromkeys(
                    said(line.vat.reason, language)
                    for line in document.lines
                    if (line.vat.category, line.vat.rate) == (row.category, row.rate)
                )
            ),
        )
        for row in document.totals.vat_rows
    ]


def bare(value: Decimal) -> Decimal:
    """Return a number without zeros behind the decimal mark: 8.5, 20."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral() else short


def plain(amount: Money) -> str:
    """Write an amount for programs: a dot and no groups."""
    return str(amount.amount)
