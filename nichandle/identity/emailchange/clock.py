"""
When silence makes a change effective: pure reckoning, no rows.

Silence counts only from delivery. It has lasted at the latest of: 24 hours after the mail server
took the message to the current address, 4 hours after it took the reminder that is sent when 4 of
those 24 are left, 4 hours after it took the word that the new address is proven. Where the current
address refuses mail for good, or has put it off until it was given up, what an established recovery
address was sent counts instead.

A request lapses after seven days in which it could have taken effect. Those in which its mail was
stuck, or no worker ran, are not among them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nichandle.identity.emailchange.models import Change, ChangeMail

SILENCE = timedelta(hours=24)
AFTER_REMINDER = timedelta(hours=4)
AFTER_PROOF = timedelta(hours=4)
OPEN_FOR = timedelta(days=7)
"""For so long effect is possible; then the request lapses."""
PROMPTED_AFTER = (timedelta(days=2), timedelta(days=5))
"""When the new address is reminded again, after the first time: as ``remind_after`` says."""
STUCK_AFTER = timedelta(hours=1)
"""A mail that is on its way for longer is stuck; what is quicker is how mail goes."""
AWAY_AFTER = timedelta(hours=1)
"""Likewise of the worker: shorter absences are restarts."""
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


@dataclass(frozen=True, slots=True)
class Interval:
    """A time in which something stood still."""

    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What the effect waits for: ``what`` of the change, ``wait`` after ``since``."""

    what: str
    since: datetime
    wait: timedelta

    @property
    def ends_at(self) -> datetime:
        return self.since + self.wait


def prompt_at(change: Change) -> datetime | None:
    """
    Return when the new address is to be reminded next; None when it need not be.

    A taken one has its times too: nothing that is kept of it may differ.
    """
    if change.proven_at is not None or change.held_at is not None:
        return None
    waits = (remind_after(change), *PROMPTED_AFTER)[change.prompts_sent :]
    return change.asked_at + waits[0] if waits else None


def prompts_by(change: Change, now: datetime) -> int:
    """Return how many reminders to the new address are over: one stands for all that were late."""
    waits = (remind_after(change), *PROMPTED_AFTER)
    return sum(change.asked_at + wait <= now for wait in waits)


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
    if change.taken or change.proven_at is None or change.held_at or change.frozen_at:
        return None
    if change.code_entered_at is not None:
        return max(change.code_entered_at, change.proven_at)
    if delivered_at(mails, ChangeMail.Part.REMINDER) is None:
        return None
    return _latest(reckoned(change, mails))


def reckoned(change: Change, mails: Sequence[ChangeMail]) -> list[Reckoned]:
    """
    Return what silence is reckoned from, as far as it is known; empty while the first mail is not
    delivered, or the proof is not given and told.

    The reminder that is still to come is reckoned with as though it were delivered on time.
    """
    asked = delivered_at(mails, ChangeMail.Part.ASKED)
    told = delivered_at(mails, ChangeMail.Part.PROVEN)
    if asked is None or told is None:
        return []
    reminded = delivered_at(mails, ChangeMail.Part.REMINDER) or asked + remind_after(change)
    found = [
        Reckoned("asked", asked, silence(change)),
        Reckoned("reminder", reminded, AFTER_REMINDER),
        Reckoned("proven", told, AFTER_PROOF),
    ]
    if change.resumed_at is not None:
        found.append(Reckoned("resumed", change.resumed_at, silence(change)))
    return found


def expected_at(change: Change, mails: Sequence[ChangeMail], *, now: datetime) -> datetime | None:
    """
    Return when the change takes effect by itself, for the countdown; it may have just passed.

    None while anything but silence is missing: the proof, or a mail whose delivery it counts from.
    """
    if change.held_at is not None or change.frozen_at or change.proven_at is None:
        return None
    if change.by_code:
        return change.due_at
    asked = delivered_at(mails, ChangeMail.Part.ASKED)
    reminded = delivered_at(mails, ChangeMail.Part.REMINDER)
    if asked and reminded is None and now >= asked + remind_after(change):
        # It is on its way; a countdown begins when the mail server has taken it.
        return None
    ends = _latest(reckoned(change, mails))
    return max(ends, change.due_at) if ends and change.due_at else ends


def _latest(found: Sequence[Reckoned]) -> datetime | None:
    return max((one.ends_at for one in found), default=None)


def earliest_at(change: Change, mails: Sequence[ChangeMail], *, now: datetime) -> datetime | None:
    """Return when silence could make it effective at the earliest, were it proven this minute."""
    asked = delivered_at(mails, ChangeMail.Part.ASKED)
    return max(asked + silence(change), now + AFTER_PROOF) if asked else None


def lapses_at(
    change: Change,
    mails: Sequence[ChangeMail],
    *,
    away: Iterable[Interval] = (),
    now: datetime,
) -> datetime:
    """
    Return when the request ends without effect: seven days in which effect was possible.

    ``away`` are the times in which no worker ran. What stands still now does so to this moment:
    the answer is later each time it is asked, until that goes on.
    """
    began = [change.asked_at, delivered_at(mails, ChangeMail.Part.ASKED), change.resumed_at]
    from_at = max(moment for moment in began if moment is not None)
    ends = from_at + OPEN_FOR
    for still in _merged([*away, *stuck(change, mails, now=now)]):
        starts = max(still.began_at, from_at)
        if starts < min(ends, still.ended_at):
            ends += still.ended_at - starts
    return max(ends, change.due_at) if change.due_at else ends


def stuck(change: Change, mails: Sequence[ChangeMail], *, now: datetime) -> Iterator[Interval]:
    """Yield the times in which a mail was stuck without which there could be no effect."""
    for part in ChangeMail.Part:
        for to_current in (True, False):
            if _matters(change, mails, part, to_current=to_current):
                alike = [one for one in mails if (one.part, one.to_current) == (part, to_current)]
                still = _on_its_way(change, alike, now)
                if still and still.ended_at - still.began_at >= STUCK_AFTER:
                    yield still


def _matters(
    change: Change, mails: Sequence[ChangeMail], part: ChangeMail.Part, *, to_current: bool
) -> bool:
    if part == ChangeMail.Part.PROOF:
        return True
    # Before it refused, the current address was the one to wait for.
    return not change.by_code and (to_current or current_refuses(mails))


def _on_its_way(change: Change, alike: Sequence[ChangeMail], now: datetime) -> Interval | None:
    """Return how long the first of several mails, each as good as the other, took to arrive."""
    began = [mail.written_at for mail in alike if mail.written_at is not None]
    if not began:
        return None
    accepted = [mail.accepted_at for mail in alike if mail.accepted_at is not None]
    refused = [mail.refused_at for mail in alike if mail.refused_at is not None]
    if alike[0].part == ChangeMail.Part.PROOF and change.proven_at is not None:
        accepted.append(change.proven_at)
    if accepted:
        return Interval(min(began), min(accepted))
    return Interval(min(began), max(refused) if len(refused) == len(alike) else now)


def _merged(found: Iterable[Interval]) -> Iterator[Interval]:
    """Yield the same times in their order, none of them twice."""
    over: datetime | None = None
    for one in sorted(found, key=lambda still: (still.began_at, still.ended_at)):
        began_at = max(one.began_at, over) if over else one.began_at
        if began_at < one.ended_at:
            yield Interval(began_at, one.ended_at)
            over = one.ended_at
