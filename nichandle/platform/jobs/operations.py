"""Writing jobs, taking them, and settling them."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min, Q, QuerySet

from nichandle.platform.jobs.models import Job, Pulse, Slot
from nichandle.platform.jobs.registry import PERIODIC, TASKS, Periodic, Work
from nichandle.platform.kernel.database import claimable, execute, fetch_one, read_time, stored_time

NEXT_DUE = """
    SELECT min(run_at) FROM jobs_job
    WHERE state = 'ready' AND (lease_until IS NULL OR lease_until <= %s)
"""
# An idle worker does little else, so it is written by hand.
_BEAT = """
    INSERT INTO jobs_pulse (worker, seen_at) VALUES (%s, %s)
    ON CONFLICT (worker) DO UPDATE SET seen_at = excluded.seen_at
"""
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

    With a ``unique_key`` that a waiting job already has, nothing is written. A job that a worker
    has taken waits no more: it may not know what this one is about.

    :raises NoSuchTask: when no task has this name
    """
    if name not in TASKS and name not in PERIODIC:
        raise NoSuchTask(name)
    job = Job(
        name=name,
        payload=dict(payload or {}),
        run_at=run_at or now,
        unique_key=unique_key,
        created_at=now,
    )
    Job.objects.bulk_create([job], ignore_conflicts=unique_key is not None)


def work_of(job: Job) -> Work:
    """
    Return the function that does a job.

    :raises NoSuchTask: when the job comes from a release that had another task
    """
    if job.name in PERIODIC:
        return PERIODIC[job.name].run
    if job.name not in TASKS:
        raise NoSuchTask(job.name)
    return partial(TASKS[job.name], job.payload)


def claim(*, worker: str, now: datetime) -> Job | None:
    """Take the job that has been due longest; None when nothing is due."""
    # A look before the transaction: an idle worker must not hold SQLite's only writer.
    while _due(now).exists():
        with transaction.atomic():
            job = claimable(_due(now).order_by("run_at", "pk")).first()
            if job is None:
                return None
            if job.attempts < ATTEMPTS:
                job.lease_until, job.lease_owner = now + LEASE, worker
                job.attempts += 1
                job.save(update_fields=["lease_until", "lease_owner", "attempts"])
                return job
            # It never came to fail: each worker died of it, and the next one must not.
            job.state, job.last_error = Job.State.DEAD, "no worker came back from it"
            job.save(update_fields=["state", "last_error"])
    return None


def earliest(statements: Sequence[str], *, now: datetime) -> list[datetime | None]:
    """Ask all statements of ``pump`` in one; return what each tells."""
    asked = ", ".join(f"({each.strip()})" for each in statements)
    at = stored_time(now)
    found = fetch_one(f"SELECT {asked}", [at] * asked.count("%s"))
    assert found is not None
    return [None if each is None else read_time(each) for each in found]


def renew(job: Job, *, now: datetime) -> bool:
    """Lengthen the lease; False when it was lost to another worker."""
    return bool(_mine(job).update(lease_until=now + LEASE))


def finish(job: Job) -> None:
    """The work is done: the job goes."""
    _mine(job).delete()


def fail(job: Job, *, error: str, now: datetime) -> None:
    """
    Put the job back for later, longer each time; after the last attempt it is dead.

    Where another job of its unique key waits already, that one is enough.
    """
    dead = job.attempts >= ATTEMPTS
    try:
        with transaction.atomic():
            _mine(job).update(
                state=Job.State.DEAD if dead else Job.State.READY,
                run_at=now + delay(job.attempts),
                lease_until=None,
                lease_owner="",
                last_error=error[:2000],
            )
    except IntegrityError:
        finish(job)


def delay(attempts: int) -> timedelta:
    """Return how long to wait after this many attempts: doubling, with some spread."""
    longest = LONGEST_DELAY.total_seconds()
    seconds = min(FIRST_DELAY.total_seconds() * 2 ** min(attempts - 1, 20), longest)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def queue_periodic(*, now: datetime) -> int:
    """
    Queue the periodic jobs whose time has come, each once, whatever the number of workers.

    A slot and its job are one commit; the job is then done, and done again if need be, like any
    other. One that still waits from the slot before is not queued twice.
    """
    slots = Slot.objects.in_bulk()
    missing = [Slot(name=name, due_at=now) for name in PERIODIC if name not in slots]
    if missing:
        Slot.objects.bulk_create(missing, ignore_conflicts=True)
        slots = Slot.objects.in_bulk()
    due = [name for name, periodic in PERIODIC.items() if _slot_is_due(slots[name], periodic, now)]
    return sum(_take_slot(slots[name], PERIODIC[name], now) for name in due)


def _slot_is_due(slot: Slot, periodic: Periodic, now: datetime) -> bool:
    # One further off than a period was written while the clock was ahead.
    return slot.due_at <= now or slot.due_at > now + periodic.every


@transaction.atomic
def _take_slot(slot: Slot, periodic: Periodic, now: datetime) -> bool:
    every = periodic.every
    following = slot.due_at + every * ((now - slot.due_at) // every + 1)
    # Whoever moves the row from the value it read has the slot.
    taken = Slot.objects.filter(name=slot.name, due_at=slot.due_at).update(due_at=following)
    if taken:
        enqueue(slot.name, now=now, unique_key=slot.name)
    return bool(taken)


def next_slot() -> datetime | None:
    """Return when a periodic job is due next; None when none has a slot."""
    found: datetime | None = Slot.objects.aggregate(at=Min("due_at"))["at"]
    return found


def beat(*, worker: str, now: datetime) -> None:
    """Note that a worker is alive."""
    execute(_BEAT, [worker, stored_time(now)])


def forget_silent(*, now: datetime) -> None:
    """Forget the workers that have not been seen for a day."""
    Pulse.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()


def _due(now: datetime) -> QuerySet[Job]:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return Job.objects.filter(free, state=Job.State.READY, run_at__lte=now)


def _mine(job: Job) -> QuerySet[Job]:
    # The attempt tells two leases of one worker apart.
    return Job.objects.filter(pk=job.pk, lease_owner=job.lease_owner, attempts=job.attempts)
