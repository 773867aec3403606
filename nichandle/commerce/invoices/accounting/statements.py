"""VAT by state and rate: what the returns of a period are filled in from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from nichandle.commerce.invoices.accounting.issued import HOME, Issued
from nichandle.commerce.invoices.accounting.places import Return, TaxPlace
from nichandle.commerce.invoices.accounting.taxes import TaxShare, shares
from nichandle.platform.kernel.money import Money

COLUMNS = ("return", "state", "category", "rate", "base", "vat", "documents", "reason")


class Key(NamedTuple):
    """What a row of the statement is about."""

    place: TaxPlace
    category: str
    rate: Decimal
    code: str


@dataclass(slots=True)
class Sum:
    """What a row comes to, in euros."""

    base: Money
    tax: Money
    documents: int


def statement(documents: Iterable[Issued], *, since: date, until: date) -> dict[Key, Sum]:
    """
    Return the VAT that falls due from ``since`` to ``until``, both included.

    :raises RateNotNamed: for a document in another currency without a rate
    """
    found: dict[Key, Sum] = {}
    for issued in documents:
        keys = set()
        for share in shares(issued):
            due = _due(issued, share)
            if due is None or not since <= due <= until:
                continue
            key = Key(share.place, share.category, share.rate, share.code)
            row = found.setdefault(key, Sum(Money.zero(HOME), Money.zero(HOME), 0))
            row.base, row.tax = row.base + share.base, row.tax + share.tax
            row.documents += key not in keys
            keys.add(key)
    return dict(sorted(found.items(), key=lambda one: (one[0].place[::-1], one[0])))


def cells(found: dict[Key, Sum]) -> list[list[str]]:
    """Return the statement as cells, below ``COLUMNS``."""
    return [
        [
            key.place.declared.value,
            key.place.code,
            key.category,
            f"{key.rate.normalize():f}",
            f"{row.base.amount:.2f}",
            f"{row.tax.amount:.2f}",
            str(row.documents),
            key.code,
        ]
        for key, row in found.items()
    ]


def written(found: dict[Key, Sum]) -> str:
    """Write the statement for spreadsheets as French ones read them."""
    lines = [";".join(COLUMNS)]
    lines += [";".join(row).replace(".", ",") for row in cells(found)]
    return "".join(f"{line}\r\n" for line in lines)


def _due(issued: Issued, share: TaxShare) -> date | None:
    """
    Return when the VAT falls due: CGI, article 269.

    French VAT on services with the day they are paid where the seller is taxed on receipts, and a
    credit note then not before what it corrects; all else with the day of issue.
    """
    receipts = issued.document.seller.vat_on == "receipts"
    if not receipts or share.goods or share.place.declared is not Return.FRANCE:
        return issued.on
    if issued.paid_on is None:
        return None
    return max(issued.on, issued.paid_on) if issued.sign < 0 else issued.paid_on
