"""
When an approved case takes effect: 72 hours after its notices were delivered.

Delivered is what the mail server has accepted, or refused for good; while mail is stuck the clock
waits. An objection adds seven days, once. Nothing here reads the time or the database.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from nichandle.identity.cases.models import Case, Notice

WAIT = timedelta(hours=72)
ADDED = timedelta(days=7)
REVIEWERS, REVIEWERS_CONTESTED = 2, 3
ERASED_AFTER = timedelta(days=30)
FILING_KEPT = timedelta(hours=48)


def needed(case: Case) -> int:
    """Return how many reviewers must approve."""
    return REVIEWERS if case.contested_at is None else REVIEWERS_CONTESTED


def delivered_at(notices: Sequence[Notice], number: int) -> datetime | None:
    """Return when the notices of a round were all delivered; None while one is not."""
    settled = [notice.settled_at for notice in notices if notice.round == number]
    moments = [moment for moment in settled if moment is not None]
    return max(moments) if settled and len(moments) == len(settled) else None


def waived(case: Case, *, objections: bool) -> bool:
    """
    Tell whether the wait is waived: the old address itself has confirmed and nobody objects.

    Never when a factor is removed.
    """
    return case.kind == "address_lost" and case.confirmed_at is not None and not objections


def due_at(case: Case, notices: Sequence[Notice], *, objections: bool) -> datetime | None:
    """Return when an approved case takes effect; None while a notice is not delivered."""
    if waived(case, objections=objections):
        return case.decided_at
    last = delivered_at(notices, case.round)
    if last is None:
        return None
    due = last + WAIT
    if case.contested_at is None:
        return due
    # The seven days are added to the first wait; after a second decision 72 hours pass anew.
    rounds = [delivered_at(notices, number) for number in range(1, case.round + 1)]
    first = min(moment for moment in rounds if moment is not None)
    return max(due, first + WAIT + ADDED)
