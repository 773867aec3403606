"""What the tests of an order's life share: money that comes, the worker, money that goes back."""

from datetime import datetime

from django.utils import timezone

from nichandle.commerce.orders.delivery import asking
from nichandle.commerce.orders.lifecycle import ending
from nichandle.commerce.orders.models import Order
from nichandle.commerce.payments.models import Refund
from nichandle.commerce.payments.queries import of_cause
from nichandle.commerce.payments.tests.helpers import leave, receive, take_back
from nichandle.platform.kernel.act import Act
from tests.support.worker import work


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def pay(order: Order, minor: int | None = None, *, source: str = "bank:1") -> Order:
    """Let money come in for an order: all of it, or some."""
    receive(of_cause(order.cause), order.gross_minor if minor is None else minor, source)
    return again(order)


def bounce(order: Order, *, source: str = "bank:back") -> Order:
    """Let the bank take all of it back."""
    take_back(of_cause(order.cause), order.gross_minor, source)
    return again(order)


def deliver(order: Order, now: datetime | None = None) -> Order:
    """Let the worker do what waits; the demo delivers by itself."""
    work(now)
    asking.ask_due(now=now or timezone.now())
    return again(order)


def send_back(order: Order) -> Order:
    """Let the refunds of an order leave, as the bank or the provider says."""
    owed = of_cause(order.cause)
    for refund in Refund.objects.filter(receivable=owed).exclude(state="done"):
        leave(refund)
    return again(order)


def cancel(order: Order, person: object = None) -> Order:
    account_id = order.account_id if person is None else person.account.pk  # type: ignore[attr-defined]  # a Person
    act = Act.by_itself(timezone.now())
    ending.cancel(account_id=account_id, number=order.number, act=act)
    return again(order)
