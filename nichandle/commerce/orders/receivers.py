"""What this room does when payments tell of an order."""

from datetime import datetime

from django.dispatch import receiver

from nichandle.commerce.invoices import operations as invoices
from nichandle.commerce.orders.lifecycle import paying
from nichandle.commerce.orders.lifecycle.steps import cause_number
from nichandle.commerce.payments import queries as payments
from nichandle.commerce.payments.places import PLACES, CausePage
from nichandle.commerce.payments.signals import refunded, settled, unsettled
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money


@receiver(settled)
def go_on(*, cause: str, now: datetime, **_signal: object) -> None:
    paying.paid(cause, act=Act.by_itself(now))


@receiver(settled)
def note_invoices_as_paid(*, cause: str, now: datetime, **_signal: object) -> None:
    """After the order, whose row is locked before its invoices."""
    banked_on, means = payments.banked_on(cause), payments.means_of(cause)
    invoices.mark_paid(cause, banked_on=banked_on, means=means, now=now)


@receiver(unsettled)
def wait_again(*, cause: str, now: datetime, **_signal: object) -> None:
    paying.taken_back(cause, act=Act.by_itself(now))


@receiver(unsettled)
def note_invoices_as_unpaid(*, cause: str, **_signal: object) -> None:
    invoices.mark_unpaid(cause)


@receiver(refunded)
def note_what_went_back(
    *,
    cause: str,
    amount_minor: int,
    currency: str,
    now: datetime,
    again: bool = False,
    **_signal: object,
) -> None:
    # Its customer has read of it when it left first, and it is counted.
    amount = Money.of_minor(0 if again else amount_minor, currency)
    paying.paid_back(cause, amount, act=Act.by_itself(now))


def place(cause: str) -> CausePage | None:
    number = cause_number(cause)
    return CausePage("orders:order", number) if number else None


PLACES.append(place)
