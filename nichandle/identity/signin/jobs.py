"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.signin.authentication import challenges, failures, openings
from nichandle.identity.signin.sessions import ending
from nichandle.platform.jobs.registry import periodic, task

task("signin.send_opening")(openings.send)


@periodic("signin.clear_ended", every=timedelta(hours=1))
def clear_ended(*, now: datetime) -> None:
    ending.clear_ended(now=now)
    openings.clear_old(now=now)


@periodic("signin.end_half_done", every=timedelta(minutes=1))
def end_half_done(*, now: datetime) -> None:
    challenges.end_old(now=now)


@periodic("signin.enter_failures", every=timedelta(minutes=10))
def enter_failures(*, now: datetime) -> None:
    failures.enter(now=now)
