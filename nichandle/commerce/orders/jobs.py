"""The work of this room that the worker does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nichandle.commerce.orders.delivery import asking
from nichandle.commerce.orders.lifecycle import checking, ending
from nichandle.commerce.orders.withdrawal import declaring
from nichandle.platform.jobs.registry import Stopping, pump, task
from nichandle.platform.kernel.clock import Clock


@task("orders.check")
def check(payload: Mapping[str, Any], *, now: datetime) -> None:
    checking.check(payload, now=now)


# A round of its own: a provisioning that answers slowly holds up nothing else.
@pump("orders.deliver", "SELECT min(ask_at) FROM orders_orderline WHERE ask_at IS NOT NULL")
def deliver(clock: Clock, _stopping: Stopping) -> int:
    return asking.ask_due(now=clock())


@pump("orders.expire", "SELECT min(due_at) FROM orders_order WHERE state = 'notPaid'")
def expire(clock: Clock, _stopping: Stopping) -> int:
    return ending.expire_due(now=clock())


@pump(
    "orders.withdraw",
    """
    SELECT min(effective_at) FROM orders_withdrawal
    WHERE contested_at IS NULL AND done_at IS NULL AND held_at IS NULL
    """,
)
def withdraw(clock: Clock, _stopping: Stopping) -> int:
    return declaring.effect_due(now=clock())
