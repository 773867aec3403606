"""How an invoice is paid: by what is owed for a cause, as a room above says, and on which day."""

from collections.abc import Callable
from datetime import date, datetime

from nichandle.commerce.invoices.models import Draft, Invoice
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.words import OPEN

Owed = Callable[[str], str]
"""Return the number of what is owed for a cause; empty when nothing is."""
OWED: list[Owed] = []


def number_of(invoice: Invoice) -> str:
    """Return the number of what is owed for an invoice; empty when it is paid, or nobody knows."""
    if invoice.standing.state != OPEN:
        return ""
    causes = Draft.objects.filter(invoice=invoice).order_by("pk").values_list("cause", flat=True)
    found = (owed(cause) for cause in causes for owed in OWED)
    return next(filter(None, found), "")


def day_paid(told_at: datetime, banked_on: date | None) -> date:
    """
    Return the day of payment: the bank's where it said one, else the seller's when it was told.

    Never one after it was told. VAT on receipts falls due with this day (CGI, article 269).

    :raises SellerMissing: while no seller is set
    """
    told_on = sellers.day(told_at)
    return min(banked_on or told_on, told_on)
