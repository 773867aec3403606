"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.jobs.registry import periodic, task
from nichandle.recovery import operations

task("recovery.send_link")(operations.send_link)
task("recovery.send_identifiers")(operations.send_identifiers)


@periodic("recovery.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
