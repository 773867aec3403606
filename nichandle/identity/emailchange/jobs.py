"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.accounts import primary
from nichandle.identity.emailchange.confirmation import proofs
from nichandle.identity.emailchange.outcome import effect, endings
from nichandle.platform.jobs.registry import Stopping, periodic, pump, task
from nichandle.platform.kernel.clock import Clock

task("emailchange.send_proof")(proofs.send)


@pump("emailchange.due")
def due(clock: Clock, stopping: Stopping) -> int:
    """Put into effect what is due, end what has lapsed, remind; a batch of each at a time."""
    done = 0
    for work in (effect.apply_due, endings.lapse_due, endings.remind_due):
        if not stopping():
            done += work(now=clock())
    return done


@periodic("emailchange.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    primary.clear_old(now=now)
