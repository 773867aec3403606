"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.factors import operations
from nichandle.platform.jobs.registry import periodic


@periodic("factors.renew_seeds", every=timedelta(days=1))
def renew_seeds(*, now: datetime) -> None:
    after = operations.renew_seeds()
    while after:
        after = operations.renew_seeds(after=after)


@periodic("factors.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    operations.clear_old(now=now)
