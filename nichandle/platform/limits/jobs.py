"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.platform.jobs.registry import periodic
from nichandle.platform.limits import operations


@periodic("limits.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
