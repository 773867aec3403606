"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.jobs.registry import periodic
from nichandle.signup import operations


@periodic("signup.clear_old", every=timedelta(hours=1))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
