"""What the lines of an order are in its quote, what they cost, and what is owed for them."""

from collections.abc import Container, Sequence
from datetime import datetime

from nichandle.commerce.invoices.sales.quoting import Quote, totals_of
from nichandle.commerce.orders.models import Order, OrderLine, Withdrawal
from nichandle.commerce.payments import operations as payments
from nichandle.commerce.payments import queries as owed
from nichandle.platform.kernel.money import Money


def places_of(lines: Sequence[OrderLine], chosen: Container[int]) -> list[int]:
    """Return which lines of the quote are those of the ``chosen`` lines, of all of an order."""
    found: list[int] = []
    first = 0
    for line in lines:
        if line.pk in chosen:
            found.extend(range(first, first + line.parts))
        first += line.parts
    return found


def gross_of(order: Order, places: Sequence[int]) -> Money:
    """Return what lines of the quote cost together, VAT included."""
    quoted = Quote.of_json(order.quote).lines
    return totals_of([quoted[place] for place in places], order.currency).gross


def kept(order: Order) -> Money:
    """Return what those lines cost together that nobody has withdrawn from."""
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    if not Withdrawal.objects.filter(order=order, done_at__isnull=False).exists():
        return order.gross
    return gross_of(order, places_of(lines, {line.pk for line in lines if not line.withdrawable}))


def ask_only_for(order: Order, rest: Money, *, now: datetime) -> Money:
    """
    Owe no more than the ``rest`` of an order whose money was taken back; return what is missing.

    The caller holds what is owed. What is on its way back to the customer counts as paid there,
    so it is added; where nothing is missing, nothing changes.
    """
    found = owed.of_cause(order.cause)
    if found is not None and found.missing_minor:
        minor = max(rest.minor + found.refunding_minor, found.paid_minor)
        payments.change_amount(order.cause, Money.of_minor(minor, order.currency), now=now)
    return owed.missing_of(order.cause, order.currency)
