"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.cases import filing
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.papers import judging
from nichandle.identity.cases.review import crowding, effect, places
from nichandle.platform.jobs.registry import Stopping, periodic, pump
from nichandle.platform.kernel.clock import Clock


@pump("cases.judge_papers", "SELECT min(added_at) FROM cases_paper WHERE state = 'checking'")
def judge_papers(clock: Clock, stopping: Stopping) -> int:
    """In a lane of its own: a costly file keeps no other work waiting."""
    done = 0
    while not stopping() and judging.judge_next(now=clock(), clock=clock):
        done += 1
    return done


@periodic("cases.due", every=timedelta(minutes=1))
def due(*, now: datetime) -> None:
    effect.apply_due(now=now)


@periodic("cases.free_places", every=timedelta(minutes=10))
def free_places(*, now: datetime) -> None:
    places.free_lost(now=now)


@periodic("cases.tell_waiting", every=timedelta(hours=1))
def tell_waiting(*, now: datetime) -> None:
    crowding.tell_waiting(now=now)


@periodic("cases.erase", every=timedelta(hours=1))
def erase(*, now: datetime) -> None:
    while sealing.destroy_due(now=now) == sealing.AT_ONCE:
        pass
    filing.clear_old(now=now)


@periodic("cases.renew_keys", every=timedelta(days=1))
def renew_keys(*, now: datetime) -> None:
    sealing.renew_keys()
