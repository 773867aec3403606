"""Writing jobs, taking them, and settling them."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from nichandle.jobs.models import Job, Pulse, Slot
from nichandle.jobs.registry import PERIODIC, TASKS
from nichandle.kernel.database import claimable

LEASE = timedelta(seconds=15)
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(hours=1)
ATTEMPTS = 20


class NoSuchTask(LookupError):
    """A job was written for a task nobody registered: a bug."""


def enqueue(
    name: str,
    payload: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    run_at: datetime | None = None,
    unique_key: str | None = None,
) -> None:
    """
    Write a job; it exists when the caller's transaction commits.

    With a ``unique_key`` that a waiting job already has, nothing is written.

    :raises NoSuchTask: when no task has this name
    """
    if name not in TASKS:
        raise NoSuchTask(name)
    job = Job(
        name=name,
        payload=dict(payload or {}),
        run_at=run_at or now,
        unique_key=unique_key,
        created_at=now,
    )
    Job.objects.bulk_create([job], ignore_conflicts=unique_key is not None)


def claim(*, worker: str, now: datetime) -> Job | None:
    """Take the job that has been due longest; None when nothing is due."""
    # A look before the transaction: an idle worker must not hold SQLite's only writer.
    if not _due(now).exists():
        return None
    with transaction.atomic():
        job = claimable(_due(now).order_by("run_at", "pk")).first()
        if job is None:
            return None
        job.lease_until, job.lease_owner = now + LEASE, worker
        job.attempts += 1
        job.save(update_fields=["lease_until", "lease_owner", "attempts"])
        return job


def renew(job: Job, *, now: datetime) -> bool:
    """Lengthen the lease; False when it was lost to another worker."""
    return bool(_mine(job).update(lease_until=now + LEASE))


def finish(job: Job) -> None:
    """The work is done: the job goes."""
    _mine(job).delete()


def fail(job: Job, *, error: str, now: datetime) -> None:
    """Put the job back for later, longer each time; after the last attempt it is dead."""
    dead = job.attempts >= ATTEMPTS
    _mine(job).update(
        state=Job.State.DEAD if dead else Job.State.READY,
        run_at=now + delay(job.attempts),
        lease_until=None,
        lease_owner="",
        last_error=error[:2000],
    )


def delay(attempts: int) -> timedelta:
    """Return how long to wait after this many attempts: doubling, with some spread."""
    longest = LONGEST_DELAY.total_seconds()
    seconds = min(FIRST_DELAY.total_seconds() * 2 ** min(attempts - 1, 20), longest)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def take_slot(name: str, *, now: datetime) -> bool:
    """Tell whether this worker is the one to run a periodic job now."""
    every = PERIODIC[name].every
    slot = Slot.objects.filter(name=name).first()
    if slot is None:
        Slot.objects.bulk_create([Slot(name=name, due_at=now)], ignore_conflicts=True)
        slot = Slot.objects.get(name=name)
    if slot.due_at > now:
        return False
    # Whoever moves the row from the value it read has the slot.
    return bool(Slot.objects.filter(name=name, due_at=slot.due_at).update(due_at=now + every))


def beat(*, worker: str, now: datetime) -> None:
    """Note that a worker is alive; forget those long silent."""
    Pulse.objects.update_or_create(worker=worker, defaults={"seen_at": now})
    Pulse.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()


def _due(now: datetime) -> QuerySet[Job]:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return Job.objects.filter(free, state=Job.State.READY, run_at__lte=now)


def _mine(job: Job) -> QuerySet[Job]:
    # The attempt tells two leases of one worker apart.
    return Job.objects.filter(pk=job.pk, lease_owner=job.lease_owner, attempts=job.attempts)
