"""What the worker does for this room, besides the round of ``delivery``."""

from datetime import datetime, timedelta

from nichandle.platform.jobs.registry import periodic
from nichandle.platform.outbox import delivery, operations

__all__ = ["delivery"]


@periodic("outbox.drop_expired", every=timedelta(minutes=1))
def drop_expired(*, now: datetime) -> None:
    while operations.drop_expired(now=now) == operations.AT_ONCE:
        pass
