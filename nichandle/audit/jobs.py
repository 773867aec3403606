"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.audit import operations
from nichandle.jobs.registry import periodic


@periodic("audit.anchor", every=timedelta(hours=1))
def anchor(*, now: datetime) -> None:
    operations.anchor(now=now)
