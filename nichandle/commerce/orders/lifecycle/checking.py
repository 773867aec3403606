"""
What a paid order becomes: services in creation, an invoice, deliveries that are asked for.

The worker does it in one transaction, whoever paid and however often they said so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction

from nichandle.commerce.invoices import operations as invoices
from nichandle.commerce.invoices.dues.paying import day_paid
from nichandle.commerce.invoices.facts import Document, Party, Payment
from nichandle.commerce.invoices.facts import Line as InvoiceLine
from nichandle.commerce.invoices.sales.quoting import Quote, totals_of
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.orders.lifecycle.arriving import arrive, as_ordered, open_lines
from nichandle.commerce.orders.lifecycle.ending import REASONS_SAID, cancel_paid
from nichandle.commerce.orders.lifecycle.parts import places_of
from nichandle.commerce.orders.lifecycle.steps import hold, move
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.months import period_from
from nichandle.commerce.orders.words import CHECKING, DELIVERING, STOPPED, ReasonName
from nichandle.commerce.payments import queries as payments
from nichandle.commerce.services import operations as services
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.wording.zones import operators_day


class ServiceChanged(Exception):
    """A service is no more what the change of its plan was reckoned from."""


def check(payload: Mapping[str, Any], *, now: datetime) -> None:
    """
    Begin to deliver an order that is paid; told twice, it begins once.

    Where somebody else has taken one of its names meanwhile, or a service that is to change is not
    what it was, all of it is cancelled and paid back.
    """
    act = Act.by_itself(now)
    try:
        with transaction.atomic():
            _begin(payload["order"], act)
    except services.NameTaken:
        _cancel(payload["order"], "taken", act)
    except ServiceChanged:
        _cancel(payload["order"], "changed", act)


@transaction.atomic
def _cancel(order_id: int, reason: ReasonName, act: Act) -> None:
    order = hold(Order.objects.values_list("number", flat=True).get(pk=order_id))
    if order is not None and order.state == CHECKING:
        cancel_paid(order, reason, act=act)


def _lock(order_id: int) -> Order | None:
    return locked(Order.objects.filter(pk=order_id, state=CHECKING)).first()


def _begin(order_id: int, act: Act) -> None:
    order = _lock(order_id)
    if order is None:
        return
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    for line in lines:
        if not as_ordered(line):
            raise ServiceChanged
        _rent(order, line, act)
    move(order, DELIVERING, event="delivering", act=act)
    order.save(update_fields=["state"])
    _invoice(order, lines, act)
    open_lines(order).update(ask_at=act.now)
    arrive(order, act=act)


def _rent(order: Order, line: OrderLine, act: Act) -> None:
    """Write the service of a line; one that was paid again has it already."""
    if not line.lasting or line.service_id is not None or line.delivery == STOPPED:
        return
    line.service = services.create(
        product=line.family,
        plan=line.product,
        name=line.name,
        account_id=order.account_id,
        period_months=line.period_months,
        now=act.now,
    )
    line.save(update_fields=["service"])


def _invoice(order: Order, lines: Sequence[OrderLine], act: Act) -> None:
    """
    Have what was paid invoiced at the prices that were agreed; what was free is not.

    Nor is what its customer has withdrawn from since paying: that money is going back.
    """
    if not order.gross_minor:
        return
    today = operators_day(act.now)
    service_ids = [line.service_id for line in lines if line.service_id is not None]
    # Drafted whole, so that its lines keep the places of the quote.
    invoices.draft(
        account_id=order.account_id,
        handle=order.handle,
        document=_document(order, _dated(order, lines, today), act.now),
        cause=order.cause,
        service_ids=service_ids,
        now=act.now,
    )
    stopped = places_of(lines, {line.pk for line in lines if line.delivery == STOPPED})
    if stopped:
        reason = REASONS_SAID["withdrawn"]
        invoices.credit_cause(order.cause, reason=reason, lines=stopped, now=act.now)


def _dated(order: Order, lines: Sequence[OrderLine], today: date) -> list[InvoiceLine]:
    """Return what was quoted, what is paid by the period with the period that begins today."""
    quoted = iter(Quote.of_json(order.quote).lines)
    return [
        part
        if part.period is None
        else replace(part, period=period_from(today, line.period_months))
        for line in lines
        for part in islice(quoted, line.parts)
    ]


def _document(order: Order, lines: list[InvoiceLine], now: datetime) -> Document:
    totals, today = totals_of(lines, order.currency), operators_day(now)
    means, paid_at = payments.means_of(order.cause), order.paid_at or now
    paid_on = day_paid(paid_at, payments.banked_on(order.cause))
    return Document(
        kind="invoice",
        language=order.language,
        currency=order.currency,
        seller=sellers.current(),
        buyer=Party.of_json(order.holder),
        lines=tuple(lines),
        totals=totals,
        due_date=today,
        delivered_on=today,
        paid=Payment(amount=totals.gross, paid_on=paid_on, means=means),
        reference=payments.reference_of(order.cause),
        purchase_order=order.purchase_order,
    )
