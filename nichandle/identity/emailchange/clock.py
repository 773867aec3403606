"""
When silence makes a change effective: pure reckoning, no rows.

Silence counts only from delivery. It has lasted at the latest of: 24 hours after the mail server
took the message to the current address, 4 hours after it took the reminder that is sent when 4 of
those 24 are left, 4 hours after it took the word that the new address is proven. Where the current
address refuses mail for good, what an established recovery address was sent counts instead.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from nichandle.identity.emailchange.models import Change, ChangeMail

SILENCE = timedelta(hours=24)
AFTER_REMINDER = timedelta(hours=4)
AFTER_PROOF = timedelta(hours=4)
OPEN_FOR = timedelta(days=7)
"""For so long effect is possible; then the request lapses."""
VETO_FOR = timedelta(days=30)
"""Longer than any request is open: a veto works as long as there is something to veto."""
UNDO_FOR = timedelta(days=7)


def silence(change: Change) -> timedelta:
    """
    Return how long silence must last for a change: the same for every one.

    The clock, the pages and the mails ask it of the change they are about, so that a rule that
    tells changes apart, by ``change.account.kind`` for instance, is written here alone.
    """
    return SILENCE


def remind_after(change: Change) -> timedelta:
    """Return how long after delivery to remind: what silence is left then ends it."""
    return silence(change) - AFTER_REMINDER


def current_refuses(mails: Sequence[ChangeMail]) -> bool:
    """Tell whether the current address has refused a mail for good."""
    return any(mail.to_current and mail.refused_at is not None for mail in mails)


def delivered_at(mails: Sequence[ChangeMail], part: str) -> datetime | None:
    """Return when the witness of this change first received a part; None when it has not."""
    to_current = not current_refuses(mails)
    times = [
        mail.accepted_at
        for mail in mails
        if mail.part == part and mail.to_current == to_current and mail.accepted_at is not None
    ]
    return min(times, default=None)


def remind_at(change: Change, mails: Sequence[ChangeMail]) -> datetime | None:
    """Return when the reminder is to be sent; None while it need not, or not yet."""
    if any(mail.part == ChangeMail.Part.REMINDER for mail in mails) or change.held_at is not None:
        return None
    if change.by_code:
        # Nobody's silence counts any more: there is nothing to remind of.
        return None
    asked = delivered_at(mails, ChangeMail.Part.ASKED)
    return asked + remind_after(change) if asked else None


def due_at(change: Change, mails: Sequence[ChangeMail]) -> datetime | None:
    """Return when code or silence makes the change effective; None while something is missing."""
    if change.taken or change.proven_at is None or change.held_at is not None:
        return None
    if change.code_entered_at is not None:
        return max(change.code_entered_at, change.proven_at)
    asked = delivered_at(mails, ChangeMail.Part.ASKED)
    reminded = delivered_at(mails, ChangeMail.Part.REMINDER)
    told = delivered_at(mails, ChangeMail.Part.PROVEN)
    if asked is None or reminded is None or told is None:
        return None
    ends = [asked + silence(change), reminded + AFTER_REMINDER, told + AFTER_PROOF]
    if change.resumed_at is not None:
        ends.append(change.resumed_at + silence(change))
    return max(ends)


def lapses_at(change: Change, mails: Sequence[ChangeMail]) -> datetime:
    """Return when the request ends without effect: seven days in which effect was possible."""
    began = [change.asked_at, delivered_at(mails, ChangeMail.Part.ASKED), change.resumed_at]
    ends = max(moment for moment in began if moment is not None) + OPEN_FOR
    return max(ends, change.due_at) if change.due_at else ends


def expected_at(change: Change, mails: Sequence[ChangeMail], *, now: datetime) -> datetime | None:
    """
    Return when the change takes effect by itself, for the countdown; it may have just passed.

    None while anything but silence is missing: the proof, or a mail whose delivery it counts from.
    """
    if change.held_at is not None or change.proven_at is None:
        return None
    if change.by_code:
        return change.due_at
    asked = delivered_at(mails, ChangeMail.Part.ASKED)
    told = delivered_at(mails, ChangeMail.Part.PROVEN)
    if asked is None or told is None:
        return None
    reminded = delivered_at(mails, ChangeMail.Part.REMINDER)
    if reminded is None:
        if now >= asked + remind_after(change):
            # It is on its way; a countdown begins when the mail server has taken it.
            return None
        reminded = asked + remind_after(change)
    ends = [asked + silence(change), reminded + AFTER_REMINDER, told + AFTER_PROOF]
    ends += [moment for moment in (change.due_at,) if moment is not None]
    if change.resumed_at is not None:
        ends.append(change.resumed_at + silence(change))
    return max(ends)


def earliest_at(change: Change, mails: Sequence[ChangeMail], *, now: datetime) -> datetime | None:
    """Return when silence could make it effective at the earliest, were it proven this minute."""
    asked = delivered_at(mails, ChangeMail.Part.ASKED)
    return max(asked + silence(change), now + AFTER_PROOF) if asked else None
