"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.recovery import operations
from nichandle.identity.recovery.procedure import operations as procedure
from nichandle.platform.jobs.registry import periodic, task

task("recovery.send_link")(operations.send_link)
task("recovery.send_identifiers")(operations.send_identifiers)
task("recovery.identify_case")(procedure.identify_case)
task("recovery.mail_case_link")(procedure.mail_case_link)


@periodic("recovery.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
