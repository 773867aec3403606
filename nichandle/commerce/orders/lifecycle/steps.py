"""One step of an order: the row is locked, the state changes, the history tells."""

from nichandle.commerce.orders.models import Order, OrderEvent
from nichandle.commerce.orders.words import FOLLOWS, StateName
from nichandle.commerce.payments import operations as payments
from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked


class OrderStepNotPossible(RuntimeError):
    """A state was to follow one that it cannot follow: a bug, never a refusal."""


def lock(number: str) -> Order | None:
    """Lock an order until the transaction ends; None when there is none of this number."""
    return locked(Order.objects.filter(number=number)).first()


def hold(number: str) -> Order | None:
    """
    Lock an order together with what is owed for it, to end it.

    Payments first: money that comes in meanwhile takes both in that order.
    """
    payments.hold(f"order:{number}")
    return lock(number)


def move(order: Order, state: StateName, *, event: str, act: Act, **details: str) -> None:
    """
    Bring an order, whose row the caller holds, into a state; the caller saves its other fields.

    :raises OrderStepNotPossible: when that state cannot follow
    """
    if state not in FOLLOWS[order.state]:
        raise OrderStepNotPossible(f"{order.number}: {state} after {order.state}")
    order.state = state
    note(order, event, act=act, **details)


def note(order: Order, event: str, *, act: Act, **details: str) -> None:
    """Write one line of an order's history."""
    OrderEvent.objects.create(order=order, at=act.now, act=event, by=act.by, details=details)


def enter(name: LedgerAct, order: Order, *, act: Act, **details: object) -> None:
    """Enter an act about an order in its account's ledger."""
    record(name, account_id=order.account_id, act=act, order=order.number, **details)


def cause_number(cause: str) -> str:
    """Return the number of the order that a payment or an invoice was caused by, if one was."""
    kind, _colon, number = cause.partition(":")
    return number if kind == "order" else ""
