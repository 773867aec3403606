"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.signup import operations
from nichandle.platform.jobs.registry import periodic


@periodic("signup.clear_old", every=timedelta(hours=1))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
