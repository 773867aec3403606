"""
What providers tell: believed only with their signature, kept once, looked into by the worker.

Events come twice, late and out of order, so an event says only what to look at. One row for each
event and one job, written together: whatever is told again finds its row there.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from nichandle.commerce.payments.models import ProviderEvent, RefusedEvent
from nichandle.commerce.payments.providers.contract import NotGenuine, Provider
from nichandle.platform.jobs.operations import enqueue

KEPT = timedelta(days=180)
OVERDUE = timedelta(minutes=30)
"""An event that nobody has looked into after so long may have lost its job."""
MOST_CAUGHT_UP = 500


def receive(through: Provider, body: bytes, signature: str, *, now: datetime) -> bool:
    """
    Keep an event and have the worker look into it; told again, nothing happens.

    Returns whether it was new.

    :raises NotGenuine: when it is not to be believed; that is counted
    """
    try:
        told = through.read(body, signature, now=now)
    except NotGenuine as refusal:
        _count(through.name, refusal.why, now)
        raise
    with transaction.atomic():
        row = ProviderEvent(
            provider=through.name,
            event=told.event[:100],
            kind=told.kind[:60],
            ref=told.ref[:100],
            happened_at=told.at,
            received_at=now,
        )
        known = ProviderEvent.objects.filter(provider=row.provider, event=row.event)
        if known.exists():
            return False
        ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)
        _have_seen(row, now=now)
    return True


def note_seen(provider: str, ref: str, *, now: datetime) -> None:
    """Note that the worker has looked into what was told of something until now."""
    told = ProviderEvent.objects.filter(provider=provider, ref=ref[:100], seen_at=None)
    told.filter(received_at__lte=now).update(seen_at=now)


def catch_up(*, now: datetime) -> None:
    """Have events looked into whose job was given up."""
    rows = ProviderEvent.objects.filter(seen_at=None, received_at__lte=now - OVERDUE)
    for row in rows.order_by("pk")[:MOST_CAUGHT_UP]:
        _have_seen(row, now=now)


def _have_seen(row: ProviderEvent, *, now: datetime) -> None:
    work = {"provider": row.provider, "ref": row.ref}
    enqueue("payments.look", work, now=now, unique_key=f"payments.look {row.event}")


def _count(provider: str, why: str, now: datetime) -> None:
    """Count a refused webhook: at most one row for each reason and day, whoever floods."""
    day = now.date()
    rows = RefusedEvent.objects.filter(provider=provider, why=why, day=day)
    if not rows.update(count=F("count") + 1, last_at=now):
        row = RefusedEvent(provider=provider, why=why, day=day, last_at=now)
        RefusedEvent.objects.bulk_create([row], ignore_conflicts=True)


def forget(*, now: datetime) -> None:
    """Forget events that no provider tells again, and the count of refused ones."""
    ProviderEvent.objects.filter(received_at__lt=now - KEPT).delete()
    RefusedEvent.objects.filter(day__lt=(now - KEPT).date()).delete()
