"""What operators and health checks ask of the jobs."""

from datetime import datetime, timedelta

from nichandle.platform.jobs.models import Job, Pulse

SILENCE = timedelta(seconds=30)
"""A worker beats every five seconds; after this long it is taken for dead."""


def worker_alive(now: datetime) -> bool:
    """Tell whether some worker has been seen lately."""
    return Pulse.objects.filter(seen_at__gt=now - SILENCE).exists()


def dead_jobs() -> list[Job]:
    """Return the jobs that gave up, newest first."""
    return list(Job.objects.filter(state=Job.State.DEAD).order_by("-pk")[:100])
