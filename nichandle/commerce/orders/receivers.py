"""What this room does when payments tell of an order."""

from datetime import datetime

from django.dispatch import receiver

from nichandle.commerce.orders.lifecycle import paying
from nichandle.commerce.payments import signals
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money


@receiver(signals.settled)
def settled(cause: str, now: datetime, **_signal: object) -> None:
    paying.paid(cause, act=Act.by_itself(now))


@receiver(signals.unsettled)
def unsettled(cause: str, now: datetime, **_signal: object) -> None:
    paying.taken_back(cause, act=Act.by_itself(now))


@receiver(signals.refunded)
def refunded(
    cause: str, amount_minor: int, currency: str, now: datetime, **_signal: object
) -> None:
    paying.paid_back(cause, Money.of_minor(amount_minor, currency), act=Act.by_itself(now))
