"""What an answer brings: a line delivered, or why it is not."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.orders.lifecycle.arriving import arrive, as_ordered
from nichandle.commerce.orders.lifecycle.steps import note
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.months import months_later
from nichandle.commerce.orders.words import CHANGE, DELIVERING, DONE, FAILED, STOPPED
from nichandle.commerce.services import operations as services
from nichandle.commerce.services.models import Service
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.zones import operators_day

log = logging.getLogger("nichandle.orders")
CHANGED_MEANWHILE = "the service has changed or ended meanwhile"


class NothingToDeliver(Refused):
    code = "order.nothing_to_deliver"
    message = _("Nothing of this order is to be delivered now.")
    status = 409


@transaction.atomic
def done(key: UUID, *, act: Act) -> bool:
    """
    A line is delivered: its service is active; the order is delivered with its last line.

    Told twice, it is delivered once, and until the same day as before. A change of a service that
    is not any more what it was is left to people: return whether it is delivered.

    :raises NothingToDeliver: for a key we do not know, or an order that is not being delivered
    """
    order, line = lock(key)
    if line.delivery == DONE:
        return True
    _require_delivering(order, line)
    if not as_ordered(line):
        log.error("Order %s: %s has changed or ended meanwhile.", order.number, line.name)
        failed(key, trouble=CHANGED_MEANWHILE, act=act)
        return False
    line.delivery, line.delivered_at, line.trouble, line.ask_at = DONE, act.now, "", None
    line.save(update_fields=["delivery", "delivered_at", "trouble", "ask_at"])
    _activate(line, act.now)
    note(order, "line_delivered", act=act, name=line.title)
    arrive(order, act=act)
    return True


@transaction.atomic
def failed(key: UUID, *, trouble: str, act: Act) -> None:
    """
    A line cannot be delivered now: the order stays in delivery, and people look into it.

    What was delivered before stays so: an old message proves nothing.

    :raises NothingToDeliver: as ``done``
    """
    order, line = lock(key)
    if line.delivery == DONE:
        return
    _require_delivering(order, line)
    repeated = line.delivery == FAILED
    line.delivery, line.trouble, line.ask_at = FAILED, trouble[:300], None
    line.save(update_fields=["delivery", "trouble", "ask_at"])
    if not repeated:
        note(order, "line_failed", act=act, name=line.title)


def lock(key: UUID) -> tuple[Order, OrderLine]:
    """
    Lock the order of a line, then read the line.

    :raises NothingToDeliver: when there is none
    """
    order = locked(Order.objects.filter(lines__key=key)).first()
    if order is None:
        raise NothingToDeliver
    return order, OrderLine.objects.select_related("service").get(key=key)


def _require_delivering(order: Order, line: OrderLine) -> None:
    if order.state != DELIVERING or line.delivery == STOPPED:
        raise NothingToDeliver


def _activate(line: OrderLine, now: datetime) -> None:
    service = line.service
    if service is None:
        return
    if line.kind == CHANGE:
        services.change_plan(service_id=service.pk, plan=line.product, now=now)
        return
    today = operators_day(now)
    services.change_state(service_id=service.pk, state=Service.State.ACTIVE, now=now)
    services.set_expiry(
        service_id=service.pk, expiry_date=months_later(today, line.period_months), now=now
    )
