"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.cases import filing
from nichandle.identity.cases.papers import sealing
from nichandle.identity.cases.review import effect
from nichandle.platform.jobs.registry import periodic


@periodic("cases.due", every=timedelta(minutes=1))
def due(*, now: datetime) -> None:
    effect.apply_due(now=now)


@periodic("cases.erase", every=timedelta(hours=1))
def erase(*, now: datetime) -> None:
    while sealing.destroy_due(now=now) == sealing.AT_ONCE:
        pass
    filing.clear_old(now=now)


@periodic("cases.renew_keys", every=timedelta(days=1))
def renew_keys(*, now: datetime) -> None:
    sealing.renew_keys()
