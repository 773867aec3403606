"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.platform.audit import operations
from nichandle.platform.jobs.registry import periodic


@periodic("audit.anchor", every=timedelta(hours=1))
def anchor(*, now: datetime) -> None:
    operations.anchor(now=now)
