"""How an order ends without being delivered: by its customer, by time, by the operator."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.invoices import operations as invoices
from nichandle.commerce.orders import mails
from nichandle.commerce.orders.lifecycle.arriving import arrive
from nichandle.commerce.orders.lifecycle.parts import ask_only_for, gross_of, places_of
from nichandle.commerce.orders.lifecycle.steps import enter, hold, move
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.words import (
    CANCELLED,
    CANCELLING,
    CHANGE,
    CHECKING,
    DELIVERED,
    DELIVERING,
    DONE,
    NEW,
    NOT_PAID,
    STOPPED,
    ReasonName,
)
from nichandle.commerce.payments import operations as payments
from nichandle.commerce.payments import queries as paid
from nichandle.commerce.services import operations as services
from nichandle.commerce.services.models import Service
from nichandle.identity.accounts.queries import profile
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.money import Money

log = logging.getLogger("nichandle.orders")
AT_ONCE = 100
TRIED_AGAIN = timedelta(days=1)
REASONS_SAID = {
    "customer": {"fr": "Commande annulée par le client", "en": "Order cancelled by the customer"},
    "expired": {"fr": "Commande non payée", "en": "Order not paid"},
    "changed": {"fr": "Commande annulée", "en": "Order cancelled"},
    "taken": {"fr": "Commande annulée", "en": "Order cancelled"},
    "withdrawn": {"fr": "Rétractation du client", "en": "Withdrawal of the customer"},
    "operator": {"fr": "Commande annulée", "en": "Order cancelled"},
}
"""What a credit note says of its cause, in the languages of invoices."""


class CannotCancel(Refused):
    code = "order.cannot_cancel"
    message = _(
        "This order is paid or has ended: it cannot be cancelled any more. As a consumer you can "
        "withdraw from the contract."
    )
    status = 409


class OrderNotFound(Refused):
    code = "order.not_found"
    message = _("There is no such order.")
    status = 404


@transaction.atomic
def cancel(*, account_id: UUID, number: str, act: Act) -> None:
    """
    Cancel an order that is not paid; one that is cancelled already stays so.

    :raises OrderNotFound: also for an order of somebody else
    :raises CannotCancel: once it is paid
    """
    order = hold(number)
    if order is None or order.account_id != account_id:
        raise OrderNotFound
    if order.state == CANCELLED:
        return
    if order.state != NOT_PAID:
        raise CannotCancel
    cancel_unpaid(order, "customer", act=act)


class AlreadyDelivered(Refused):
    code = "order.already_delivered"
    message = _("This order is delivered: its customer withdraws from it, or terminates services.")
    status = 409


@transaction.atomic
def cancel_by_operator(number: str, *, act: Act) -> Order:
    """
    Cancel an order that cannot be delivered, and send all of its money back; return it.

    Services of it that are there already end too. Cancelled twice, it is cancelled once.

    :raises OrderNotFound: when there is none of this number
    :raises AlreadyDelivered: once all of it is delivered
    :raises services.ServiceInDispute: while a dispute about the contacts of one of them is open
    """
    order = hold(number)
    if order is None:
        raise OrderNotFound
    if order.state == DELIVERED:
        raise AlreadyDelivered
    if order.state == NOT_PAID:
        cancel_unpaid(order, "operator", act=act)
    elif order.state in {CHECKING, DELIVERING}:
        cancel_paid(order, "operator", act=act)
    return order


def expire_due(*, now: datetime) -> int:
    """End the orders that nobody has paid in time; returns how many."""
    due = Order.objects.filter(state=NOT_PAID, due_at__lte=now)
    numbers = list(due.order_by("due_at").values_list("number", flat=True)[:AT_ONCE])
    return sum(_expire(number, now) for number in numbers)


@transaction.atomic
def _expire(number: str, now: datetime) -> int:
    order = hold(number)
    if order is None or order.state != NOT_PAID or order.due_at > now:
        return 0
    try:
        with transaction.atomic():
            cancel_unpaid(order, "expired", act=Act.by_itself(now))
    except services.ServiceInDispute:
        # It waits until the dispute is decided, and holds up no other order meanwhile.
        Order.objects.filter(pk=order.pk).update(due_at=now + TRIED_AGAIN)
        return 0
    return 1


def cancel_unpaid(order: Order, reason: ReasonName, *, act: Act) -> None:
    """
    End an order, whose row the caller holds and which nothing was paid for.

    One whose money was taken back while it was being delivered is invoiced already: that is
    credited, else a sale that never was would stay in the books.
    """
    payments.cancel(order.cause, now=act.now)
    move(order, CANCELLED, event="cancelled", act=act)
    order.reason, order.ended_at = reason, act.now
    order.save(update_fields=["state", "reason", "ended_at"])
    _stop(OrderLine.objects.filter(order=order), act)
    enter("order.cancelled", order, act=act, reason=reason)
    mails.cancelled(profile(order.account_id), order, paid=False, act=act)
    invoices.credit_cause(order.cause, reason=REASONS_SAID[reason], now=act.now)


def cancel_paid(order: Order, reason: ReasonName, *, act: Act) -> None:
    """
    End an order, whose row the caller holds, and send all of the money back.

    It is cancelled once payments say that the money has left.
    """
    move(order, CANCELLING, event="cancelling", act=act)
    order.reason = reason
    order.save(update_fields=["state", "reason"])
    _stop(OrderLine.objects.filter(order=order), act)
    enter("order.cancelled", order, act=act, reason=reason)
    invoices.credit_cause(order.cause, reason=REASONS_SAID[reason], now=act.now)
    back = _send_back(order, order.gross, reason, act)
    # Where a bank has taken money back, that is not asked for any more.
    payments.cancel(order.cause, now=act.now)
    mails.cancelled(profile(order.account_id), order, paid=back, act=act)
    if not back:
        move(order, CANCELLED, event="cancelled", act=act)
        order.ended_at = act.now
        order.save(update_fields=["state", "ended_at"])


def give_back(order: Order, *, act: Act) -> None:
    """
    End what a consumer has withdrawn from; the caller holds the order's row.

    What the law excepts goes on: then the order stays delivered, and part of its money goes back.
    """
    excepted = OrderLine.objects.filter(order=order, withdrawable=False)
    if not excepted.exists():
        cancel_paid(order, "withdrawn", act=act)
        return
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    places = places_of(lines, {line.pk for line in lines if line.withdrawable})
    rest = gross_of(order, places_of(lines, {line.pk for line in lines if not line.withdrawable}))
    _stop(OrderLine.objects.filter(order=order, withdrawable=True), act)
    amount, reason = gross_of(order, places), REASONS_SAID["withdrawn"]
    invoices.credit_cause(order.cause, reason=reason, lines=places, now=act.now)
    if paid.missing_of(order.cause, order.currency).minor:
        # Of what a bank has left of its money, the lines that go on are paid first.
        left = max(paid.free_of(order.cause) - rest.minor, 0)
        amount = min(amount, Money.of_minor(left, order.currency))
    _send_back(order, amount, "withdrawn", act)
    ask_only_for(order, rest, now=act.now)
    arrive(order, act=act)


def _send_back(order: Order, amount: Money, reason: ReasonName, act: Act) -> bool:
    """Send back what is there of an amount: a bank may have taken some of it back; tell if any."""
    back = min(amount.minor, paid.free_of(order.cause))
    if back:
        money = Money.of_minor(back, order.currency)
        payments.refund(order.cause, money, reason=reason, act=act)
    return bool(back)


def _stop(lines: QuerySet[OrderLine], act: Act) -> None:
    """End the services of lines, or give them their plan back, and ask for no more delivery."""
    for line in lines.select_related("service", "order").order_by("position"):
        service = line.service
        if service is None or service.state == Service.State.TERMINATED:
            continue
        if line.kind == NEW:
            services.change_state(
                service_id=service.pk, state=Service.State.TERMINATED, now=act.now
            )
        elif line.delivery == DONE:
            services.change_plan(service_id=service.pk, plan=line.before, now=act.now)
            # Later changes were made from a plan that nobody has paid for any more: withdrawn from
            # in their turn, they lead to the plan before.
            later = OrderLine.objects.filter(service=service, kind=CHANGE, pk__gt=line.pk)
            later.filter(delivery=DONE).update(before=line.before)
            log.error(
                "Order %s is withdrawn from: set service %s back to the plan %s.",
                *(line.order.number, service.name, line.before),
            )
    lines.exclude(delivery=DONE).update(delivery=STOPPED, ask_at=None)
