"""What a document books: the customer owes, sales and VAT are earned. Balanced to the cent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from nichandle.commerce.invoices.accounting.charts import Chart, Ledger
from nichandle.commerce.invoices.accounting.issued import HOME, Issued
from nichandle.commerce.invoices.accounting.places import Return
from nichandle.commerce.invoices.accounting.taxes import TaxShare, shares
from nichandle.platform.kernel.money import Money


class Posting(NamedTuple):
    """One line of a booking; one of debit and credit is zero, and none is negative."""

    ledger: Ledger
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True)
class Booking:
    """All that a document books; the sums of debit and credit are the same."""

    issued: Issued
    postings: tuple[Posting, ...]

    @property
    def debit(self) -> Money:
        return sum((posting.debit for posting in self.postings), Money.zero(HOME))

    @property
    def credit(self) -> Money:
        return sum((posting.credit for posting in self.postings), Money.zero(HOME))


def booking_of(issued: Issued, chart: Chart) -> Booking:
    """
    Return what a document books.

    What the customer owes is the sum of the rest: what was converted balances too.
    A document of nothing books nothing, twice: its number stays in the sequence.

    :raises RateNotNamed: for a document in another currency without a rate
    """
    earned: dict[Ledger, Money] = {}
    for ledger, amount in _earned(issued, chart):
        earned[ledger] = earned.get(ledger, Money.zero(HOME)) + amount
    owed = sum(earned.values(), Money.zero(HOME))
    booked = [(chart["customers"], owed), *((ledger, -sum_) for ledger, sum_ in earned.items())]
    kept = [one for one in booked if one[1].amount] or booked[:2]
    return Booking(issued, tuple(_posting(*one) for one in kept))


def _earned(issued: Issued, chart: Chart) -> Iterator[tuple[Ledger, Money]]:
    found = list(shares(issued))
    for share in found:
        yield chart[_sales(issued, share)], share.base
    for share in found:
        yield chart[_vat(issued, share)], share.tax


def _sales(issued: Issued, share: TaxShare) -> str:
    if issued.document.kind == "deposit":
        return "deposits"
    return "goods" if share.goods else "services"


def _vat(issued: Issued, share: TaxShare) -> str:
    if share.place.declared is Return.ONE_STOP:
        return "vat_one_stop"
    if share.place.declared is Return.ABROAD:
        return "vat_abroad"
    waits = issued.document.seller.vat_on == "receipts" and not share.goods
    return "vat_when_paid" if waits else "vat"


def _posting(ledger: Ledger, amount: Money) -> Posting:
    zero = Money.zero(HOME)
    if amount.amount < 0:
        return Posting(ledger, zero, -amount)
    return Posting(ledger, amount, zero)
