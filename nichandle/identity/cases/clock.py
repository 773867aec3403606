"""
When an approved case takes effect: 72 hours after its notices were delivered.

Delivered is what the mail server has accepted, refused for good, or put off for three days; while
mail is stuck the clock waits. An objection adds seven days, once. Nothing here reads the time or
the database.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from nichandle.identity.cases.models import Case, Notice

WAIT = timedelta(hours=72)
ADDED = timedelta(days=7)
REVIEWERS, REVIEWERS_CONTESTED = 2, 3
DAY = timedelta(days=1)
WEEKEND = (5, 6)
PLACE_LASTS_DAYS = 3
ERASED_AFTER = timedelta(days=30)
FILING_KEPT = timedelta(hours=48)
OVERDUE_AFTER = timedelta(days=30)
"""What nobody has decided for so long, though others wait for it, stands first in the list."""


def overdue(case: Case, *, now: datetime) -> bool:
    """Tell whether a case that freezes what others have has been open for too long."""
    waiting = case.sort.settled and case.state == Case.State.OPEN
    return waiting and case.opened_at is not None and case.opened_at <= now - OVERDUE_AFTER


def place_ends_at(acted_at: datetime) -> datetime:
    """
    Return when a reviewer who does nothing more loses a case: three working days later.

    Working days are Monday to Friday, in UTC: a day on which nobody works somewhere costs its
    reviewer no more than taking the case up again.
    """
    end, left = acted_at, PLACE_LASTS_DAYS
    if end.weekday() in WEEKEND:
        end = end.replace(hour=0, minute=0, second=0, microsecond=0)
    while end.weekday() in WEEKEND:
        end += DAY
    while left:
        end += DAY
        left -= end.weekday() not in WEEKEND
    return end


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
