"""What payments tell of an order: paid, taken back, paid back."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from nichandle.commerce.orders import mails
from nichandle.commerce.orders.lifecycle.parts import ask_only_for, kept
from nichandle.commerce.orders.lifecycle.steps import cause_number, enter, lock, move, note
from nichandle.commerce.orders.models import Order, OrderEvent
from nichandle.commerce.orders.period import last_moment
from nichandle.commerce.orders.words import (
    CANCELLED,
    CANCELLING,
    CHECKING,
    DELIVERED,
    DELIVERING,
    NOT_PAID,
)
from nichandle.commerce.payments import queries as payments
from nichandle.commerce.payments.operations import cancel
from nichandle.identity.accounts.queries import profile
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money

PAID_AGAIN_WITHIN = timedelta(days=7)
"""An order whose money was taken back late must not run out before its customer has read of it."""


@transaction.atomic
def paid(cause: str, *, act: Act) -> None:
    """
    Go on with an order that is paid to the last cent; told twice, it goes on once.

    Money that comes for one that has ended stays with payments, as credit of its customer.
    """
    order = lock(cause_number(cause))
    if order is None:
        return
    if order.state == NOT_PAID:
        settle(order, act=act)
        mails.paid(profile(order.account_id), order, kept(order), act=act)
    elif order.state == DELIVERED and _taken_back_last(order):
        note(order, "paid", act=act)
        enter("order.paid", order, act=act)


def _taken_back_last(order: Order) -> bool:
    """Tell whether what payments told last of an order is that its money was taken back."""
    told = OrderEvent.objects.filter(order=order, act__in=("paid", "unpaid")).order_by("pk")
    last = told.last()
    return last is not None and last.act == "unpaid"


def settle(order: Order, *, act: Act) -> None:
    """Let the worker check an order, whose row the caller holds, and then deliver it."""
    move(order, CHECKING, event="paid", act=act)
    order.paid_at = act.now
    if order.consumer:
        order.withdrawable_until = last_moment(act.now, zone=settings.NICHANDLE_TIME_ZONE)
    order.save(update_fields=["state", "paid_at", "withdrawable_until"])
    enter("order.paid", order, act=act)
    enqueue("orders.check", {"order": order.pk}, now=act.now, unique_key=f"orders.check {order.pk}")


@transaction.atomic
def taken_back(cause: str, *, act: Act) -> None:
    """
    Note that the money of an order was taken back: a chargeback, or a transfer that was returned.

    One that is not delivered waits to be paid again. What is delivered stays so: whether its
    services go on is for people to decide. Either way only that is asked for which nobody has
    withdrawn from.
    """
    order = lock(cause_number(cause))
    if order is None:
        return
    if order.state in {CHECKING, DELIVERING}:
        move(order, NOT_PAID, event="unpaid", act=act)
        order.paid_at = order.withdrawable_until = None
        order.due_at = max(order.due_at, act.now + PAID_AGAIN_WITHIN)
        order.save(update_fields=["state", "paid_at", "withdrawable_until", "due_at"])
    elif order.state == CANCELLING:
        # What was to go back has gone back by the bank: nothing is owed either way.
        note(order, "unpaid", act=act)
        _end_cancelled(order, act)
        return
    else:
        note(order, "unpaid", act=act)
    enter("order.payment_taken_back", order, act=act)
    missing = ask_only_for(order, kept(order), now=act.now)
    if missing.minor:
        mails.taken_back(profile(order.account_id), order, missing, act=act)


def _end_cancelled(order: Order, act: Act) -> None:
    enter("order.payment_taken_back", order, act=act)
    cancel(order.cause, now=act.now)
    if not payments.outstanding_refunds(order.cause):
        move(order, CANCELLED, event="cancelled", act=act)
        order.ended_at = act.now
        order.save(update_fields=["state", "ended_at"])


@transaction.atomic
def paid_back(cause: str, amount: Money, *, act: Act) -> None:
    """
    Note that money went back; with the last of it an order that is being ended has ended.

    Nothing is noted of an amount of zero, which was noted before: it had not arrived.
    """
    order = lock(cause_number(cause))
    if order is None:
        return
    order.paid_back_minor = min(order.paid_back_minor + amount.minor, order.gross_minor)
    if order.state == CANCELLING and not payments.outstanding_refunds(cause):
        move(order, CANCELLED, event="cancelled", act=act)
        order.ended_at = act.now
    order.save(update_fields=["state", "paid_back_minor", "ended_at"])
    if amount.minor:
        _tell_paid_back(order, amount, act)


def _tell_paid_back(order: Order, amount: Money, act: Act) -> None:
    shown = amount.shown(order.language)
    note(order, "refunded", act=act, amount=shown)
    enter("order.paid_back", order, act=act, amount=shown)
    mails.paid_back(profile(order.account_id), order, amount, act=act)
