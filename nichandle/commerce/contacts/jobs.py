"""What the worker does for this room."""

from nichandle.commerce.contacts.disputes import warnings
from nichandle.commerce.contacts.lifecycle import endings
from nichandle.commerce.contacts.requests import effect, newcomers
from nichandle.platform.jobs.registry import Stopping, pump, task
from nichandle.platform.kernel.clock import Clock

task("contacts.send")(newcomers.send)
task("contacts.send_again")(newcomers.send_again)
task("contacts.tell_newcomer")(endings.tell_newcomer)
task("contacts.warn")(warnings.tell_reviewers)

NEXT_DUE = (
    """
    SELECT min(expires_at) FROM contacts_request WHERE state IN ('todo', 'validatingByCustomers')
        AND ended_at IS NULL AND confirmed_at IS NOT NULL
        AND (look_again_at IS NULL OR look_again_at <= %s)
    """,
    """
    SELECT min(coalesce(look_again_at, asked_at)) FROM contacts_request
    WHERE state IN ('checkValidity', 'doing') AND ended_at IS NULL
    """,
)


@pump("contacts.due", *NEXT_DUE)
def due(clock: Clock, stopping: Stopping) -> int:
    """End what has lapsed, go on with what waited for the end of a pause."""
    done = 0
    for work in (endings.lapse_due, newcomers.send_waiting, effect.go_on):
        if not stopping():
            done += work(now=clock())
    return done
