"""When an order is delivered: when nothing of it is still to come."""

from django.db.models import QuerySet

from nichandle.commerce.orders import mails
from nichandle.commerce.orders.lifecycle.steps import enter, move
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.words import CHANGE, DELIVERED, DELIVERING, DONE, STOPPED
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.operations import lock_services
from nichandle.identity.accounts.queries import profile
from nichandle.platform.kernel.act import Act


def open_lines(order: Order) -> QuerySet[OrderLine]:
    """Return the lines that are still to be delivered; what was withdrawn from is not."""
    return OrderLine.objects.filter(order=order).exclude(delivery__in=(DONE, STOPPED))


def as_ordered(line: OrderLine) -> bool:
    """
    Tell whether a service that is to change still is what the change was reckoned from.

    Its row is locked: a withdrawal from an earlier change comes before or after, not meanwhile.
    """
    if line.kind != CHANGE or line.delivery in (DONE, STOPPED) or line.service_id is None:
        return True
    (service,) = lock_services([line.service_id])
    return bool(service.state == Service.State.ACTIVE and service.plan == line.before)


def arrive(order: Order, *, act: Act) -> None:
    """Call an order, whose row the caller holds, delivered once nothing of it is to come."""
    if order.state != DELIVERING or open_lines(order).exists():
        return
    move(order, DELIVERED, event="delivered", act=act)
    order.delivered_at = act.now
    order.save(update_fields=["state", "delivered_at"])
    enter("order.delivered", order, act=act)
    lines = OrderLine.objects.filter(order=order, delivery=DONE).order_by("position")
    names = [line.title for line in lines.select_related("order")]
    mails.delivered(profile(order.account_id), order, names, act=act)
