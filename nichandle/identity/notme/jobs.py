"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.notme import operations
from nichandle.platform.jobs.registry import periodic


@periodic("notme.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
