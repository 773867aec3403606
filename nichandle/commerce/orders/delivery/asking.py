"""Asking the operator's provisioning to deliver, again and again until it has answered."""

import json
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from nichandle.commerce.orders.delivery import answering, signing
from nichandle.commerce.orders.lifecycle.steps import note
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.words import ASKED, DELIVERING, DONE, FAILED, STOPPED, WAITING
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import claimable, locked
from nichandle.platform.kernel.later import later

requests = later("requests", seldom=True)
urllib3 = later("urllib3.exceptions", seldom=True)
log = logging.getLogger("nichandle.orders")
SECONDS = 20
LONGEST_ANSWER = 64 * 1024
DELAYS = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 1800, 3600)]
"""How long it waits after the first failure, the second, …; the last holds for all others."""
TRIES = 30
AT_ONCE = 20
LEASE = timedelta(minutes=2)


def ask_due(*, now: datetime) -> int:
    """
    Ask for the lines whose time has come; returns how many.

    Each call is made outside any transaction, with the line's idempotency key. Without an address
    to ask, the demo delivers by itself, and production waits for ``nichandle order deliver``.
    """
    due = OrderLine.objects.filter(ask_at__lte=now)
    keys = list(due.order_by("ask_at").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_ask(key, now) for key in keys)


def _ask(line_id: int, now: datetime) -> int:
    line = _take(line_id, now)
    if line is None:
        return 0
    if not settings.NICHANDLE_DELIVERY_URL:
        if settings.NICHANDLE_MODE == "demo":
            _done(line, now)
        return 1
    try:
        state = _call(line, now)
    except (requests.RequestException, urllib3.HTTPError, ValueError, RecursionError) as trouble:
        # The body is read below requests, from urllib3; brackets in brackets without end overflow.
        _again(line, str(trouble), now)
    else:
        if state == "done":
            _done(line, now)
        else:
            OrderLine.objects.filter(pk=line.pk, attempts=line.attempts).update(ask_at=None)
    return 1


def _done(line: OrderLine, now: datetime) -> None:
    # Meanwhile its order may have ended, and then there is nobody to deliver to.
    with suppress(answering.NothingToDeliver):
        answering.done(line.key, act=Act.by_itself(now))


@transaction.atomic
def ask_again(key: UUID, *, act: Act) -> None:
    """
    Ask once more, from the first try on, for a line that people have looked into.

    :raises NothingToDeliver: when it is delivered, or its order is not being delivered
    """
    order, line = answering.lock(key)
    if order.state != DELIVERING or line.delivery in (DONE, STOPPED):
        raise answering.NothingToDeliver
    line.delivery, line.attempts, line.trouble, line.ask_at = WAITING, 0, "", act.now
    line.save(update_fields=["delivery", "attempts", "trouble", "ask_at"])


@transaction.atomic
def _take(line_id: int, now: datetime) -> OrderLine | None:
    """
    Note that a line is asked for; None when another worker has it, or there is nothing to ask.

    Should this worker die of it, it is asked for again after ``LEASE``.
    """
    order = claimable(Order.objects.filter(lines=line_id)).first()
    if order is None:
        return None
    lines = OrderLine.objects.filter(pk=line_id, ask_at__lte=now).select_related("order", "service")
    line = lines.first()
    if line is None:
        return None
    if order.state != DELIVERING or line.delivery in (DONE, STOPPED):
        OrderLine.objects.filter(pk=line_id).update(ask_at=None)
        return None
    asked_by_hand = not settings.NICHANDLE_DELIVERY_URL and settings.NICHANDLE_MODE != "demo"
    line.delivery, line.attempts = ASKED, line.attempts + 1
    line.ask_at = None if asked_by_hand else now + LEASE
    line.save(update_fields=["delivery", "attempts", "ask_at"])
    return line


def _call(line: OrderLine, now: datetime) -> str:
    """
    Return what the receiver says: "done", or "accepted" when it will say so later.

    :raises ValueError: when it answers with anything else
    """
    body = json.dumps(question(line), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": str(line.key),
        signing.HEADER: signing.sign(body, settings.NICHANDLE_DELIVERY_SECRET[0], now=now),
    }
    with requests.post(
        settings.NICHANDLE_DELIVERY_URL,
        data=body,
        headers=headers,
        timeout=SECONDS,
        allow_redirects=False,
        stream=True,
    ) as answer:
        if not 200 <= answer.status_code < 300:
            raise ValueError(f"the receiver answered {answer.status_code}")
        said = json.loads(answer.raw.read(LONGEST_ANSWER, decode_content=True) or b"{}")
    state = said.get("state", "accepted") if isinstance(said, dict) else ""
    if state not in ("done", "accepted"):
        raise ValueError(f"the receiver answered with the state {str(state)[:40]!r}")
    return str(state)


def question(line: OrderLine) -> dict[str, Any]:
    """Return what the receiver is asked; its fields are listed in docs/operators/delivery.md."""
    return {
        "key": str(line.key),
        "order": line.order.number,
        "line": line.position,
        "handle": line.order.handle,
        "product": line.product,
        "family": line.family,
        "name": line.name,
        "period_months": line.period_months,
        "answers": line.answers,
        "service": line.service_id,
        "before": line.before,
    }


@transaction.atomic
def _again(line: OrderLine, trouble: str, now: datetime) -> None:
    """Ask later, each time after a longer while; after the last one people have to look."""
    number, position = line.order.number, line.position
    log.warning("Order %s, line %s: %s", number, position, trouble)
    order = locked(Order.objects.filter(pk=line.order_id)).get()
    line.refresh_from_db(fields=["delivery", "attempts"])
    if order.state != DELIVERING or line.delivery != ASKED:
        return
    line.trouble = trouble[:300]
    if line.attempts < TRIES:
        line.ask_at = now + DELAYS[min(line.attempts, len(DELAYS)) - 1]
    else:
        line.delivery, line.ask_at = FAILED, None
        note(order, "line_failed", act=Act.by_itself(now), name=line.title)
        log.error(
            "Order %s is not delivered: your provisioning failed %s times. "
            "See `nichandle order show %s`.",
            *(number, TRIES, number),
        )
    line.save(update_fields=["trouble", "delivery", "ask_at"])
