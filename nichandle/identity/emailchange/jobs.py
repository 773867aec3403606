"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.identity.accounts import primary
from nichandle.identity.emailchange.confirmation import proofs
from nichandle.identity.emailchange.outcome import effect, lapsing, reminding
from nichandle.platform.jobs.registry import Stopping, periodic, pump, task
from nichandle.platform.kernel.clock import Clock

task("emailchange.send_proof")(proofs.send)


_EARLIEST = "SELECT min({at}) FROM emailchange_change WHERE state = 'todo'"
CLOCKS = ("due_at", "remind_at", "prompt_at", "lapses_at")


# What waits for an account to be open again is not asked for: it is found some seconds late.
@pump("emailchange.due", *(_EARLIEST.format(at=column) for column in CLOCKS))
def due(clock: Clock, stopping: Stopping) -> int:
    """
    Put into effect what is due, remind, end what has lapsed; a batch of each at a time.

    Lapsing comes last: a worker that was away first makes up for what it could not do.
    """
    lapsing.note_round(now=clock())
    done = 0
    for work in (
        effect.thaw_due,
        effect.apply_due,
        reminding.remind_due,
        reminding.prompt_due,
        lapsing.lapse_due,
    ):
        if not stopping():
            done += work(now=clock())
    return done


@periodic("emailchange.clear_old", every=timedelta(hours=6))
def clear_old(*, now: datetime) -> None:
    primary.clear_old(now=now)
    lapsing.clear_old(now=now)
