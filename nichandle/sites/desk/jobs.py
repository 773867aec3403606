"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.platform.jobs.registry import periodic
from nichandle.sites.desk import operations


@periodic("review.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
