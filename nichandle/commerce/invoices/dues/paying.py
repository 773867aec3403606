"""What an open invoice is paid by: a room above says the number of what is owed for a cause."""

from collections.abc import Callable

from nichandle.commerce.invoices.models import Draft, Invoice
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
