"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.factors import operations
from nichandle.jobs.registry import periodic


@periodic("factors.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
