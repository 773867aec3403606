"""What the worker does for this room."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from nichandle.commerce.payments import paying
from nichandle.commerce.payments.providers import sending, webhooks
from nichandle.commerce.payments.saved import keeping
from nichandle.platform.jobs.registry import periodic, task
from nichandle.platform.kernel.act import Act


@task("payments.look")
def look(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Look at the payment, or the saved means, an event is about."""
    act = Act.by_itself(now)
    paying.look_at(payload["provider"], payload["ref"], act=act)
    keeping.look_at(payload["provider"], payload["ref"], act=act)
    webhooks.note_seen(payload["provider"], payload["ref"], now=now)


@task("payments.refund")
def refund(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Send a refund through its provider, or ask what became of it."""
    sending.send(payload["refund"], act=Act.by_itself(now))


@task("payments.close")
def close(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Close other pages on which what is paid could be paid again."""
    paying.close_beside(payload["receivable"], act=Act.by_itself(now))


@task("payments.forget_means")
def forget_means(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Have a provider forget a means of payment that was removed."""
    keeping.forget(payload["provider"], payload["ref"])


@periodic("payments.catch_up", every=timedelta(minutes=15))
def catch_up(*, now: datetime) -> None:
    """Look at what may have been lost: the word of a provider, or the job that was to do it."""
    paying.catch_up(now=now)
    keeping.catch_up(now=now)
    webhooks.catch_up(now=now)
    sending.catch_up(now=now)


@periodic("payments.forget", every=timedelta(days=1))
def forget(*, now: datetime) -> None:
    """Forget what providers have told long ago."""
    webhooks.forget(now=now)
