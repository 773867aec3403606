"""Reading requests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from nichandle.identity.accounts.contest import may_contest
from nichandle.identity.accounts.queries import active, profile
from nichandle.identity.emailchange import clock
from nichandle.identity.emailchange.clock import Interval, Reckoned
from nichandle.identity.emailchange.models import Absence, Change, ChangeLink, ChangeMail, Round
from nichandle.identity.pauses.queries import running
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.reading.questions import Question, answered, question
from nichandle.platform.outbox.operations import GIVE_UP_AFTER

TIMES_AGAIN = 3
"""So often code and proof link are sent again, besides the first time."""
VETOES, VETOES_IN = 3, timedelta(days=30)
VETOED_BY_LINK, VETOED_SIGNED_IN = "link", "signed in"
"""Of the reasons for which a request is refused, those that are somebody's veto."""


@question
def _open(account_id: UUID) -> QuerySet[Change]:
    rows = Change.objects.filter(account_id=account_id, state=Change.State.OPEN)
    return rows.order_by("pk")[:1]


def open_change_asked(account_id: UUID) -> Question[Change | None]:
    """Ask for the open request of an account; None when there is none."""
    return _open(account_id).then(lambda rows: next(iter(rows), None))


def open_change(account_id: UUID) -> Change | None:
    """Return what ``open_change_asked`` asks for."""
    return answered(open_change_asked(account_id))


def silence_for(account_id: UUID) -> timedelta:
    """Return how long silence must last for a change that an account asks for."""
    return clock.silence(Change(account_id=account_id))


def absences(*, since: datetime, now: datetime) -> list[Interval]:
    """Return the times since a moment in which no worker looked, one that still lasts too."""
    rows = Absence.objects.filter(ended_at__gt=since).order_by("began_at")
    found = [Interval(row.began_at, row.ended_at) for row in rows]
    last = Round.objects.order_by("pk").first()
    if last is not None and now - last.seen_at >= clock.AWAY_AFTER:
        found.append(Interval(last.seen_at, now))
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far a request has come, for its page.

    ``expected_at`` is when it takes effect by itself, None while anything but silence is missing;
    ``earliest_at`` when it could at the earliest, for one that waits for its proof (None while the
    first mail has not arrived); ``reckoned`` is what that follows from, and ``paused_until`` the
    end of a pause. ``unreachable``: the current address refuses mail, and no established recovery
    address was asked in its place. ``stuck_since``: since when a mail to those who may be silent is
    on its way.
    """

    change: Change
    mails: list[ChangeMail]
    expected_at: datetime | None
    earliest_at: datetime | None
    paused_until: datetime | None
    frozen: bool
    now: datetime

    @property
    def silence(self) -> timedelta:
        """How long silence must last for it."""
        return clock.silence(self.change)

    @property
    def reckoned(self) -> list[Reckoned]:
        return [] if self.change.by_code else clock.reckoned(self.change, self.mails)

    @property
    def current_refuses(self) -> bool:
        return clock.current_refuses(self.mails) and not self.change.by_code

    @property
    def unreachable(self) -> bool:
        asked = [mail for mail in self.mails if mail.part == ChangeMail.Part.ASKED]
        elsewhere = [mail for mail in asked if not mail.to_current and mail.refused_at is None]
        return self.current_refuses and not elsewhere

    @property
    def new_refuses(self) -> bool:
        """Whether the new address refuses every mail that was sent there."""
        to_new = [mail for mail in self.mails if mail.part == ChangeMail.Part.PROOF]
        waits = self.change.proven_at is None
        return bool(to_new) and waits and all(mail.refused_at for mail in to_new)

    @property
    def stuck_since(self) -> datetime | None:
        heard = [mail for mail in self.mails if mail.part != ChangeMail.Part.PROOF]
        still = [one for one in clock.stuck(self.change, heard, now=self.now) if self._lasts(one)]
        return min((one.began_at for one in still), default=None)

    @property
    def stuck_until(self) -> datetime | None:
        """When a mail that is stuck is given up."""
        return self.stuck_since + GIVE_UP_AFTER if self.stuck_since else None

    @property
    def at_once(self) -> bool:
        """Whether the worker is about to put it into effect."""
        return self.expected_at is not None and self.expected_at <= self.now

    @property
    def codes_left(self) -> int:
        return 1 + TIMES_AGAIN - self.change.codes_sent

    @property
    def proofs_left(self) -> int:
        return 1 + TIMES_AGAIN - self.change.proofs_sent

    def _lasts(self, one: Interval) -> bool:
        return one.ended_at == self.now


def progress(account_id: UUID, *, now: datetime) -> Progress | None:
    """Return how far the open request of an account has come; None when none is open."""
    return progress_of(open_change(account_id), now=now)


def progress_of(change: Change | None, *, now: datetime) -> Progress | None:
    """Return how far an open request has come."""
    if change is None:
        return None
    account_id, mails = change.account_id, list(change.mails.order_by("pk"))
    expected = clock.expected_at(change, mails, now=now)
    pause = running(account_id, now=now) if expected is not None else None
    return Progress(
        change=change,
        mails=mails,
        # What falls due during a pause waits for its end.
        expected_at=max(expected, pause.ends_at) if expected and pause else expected,
        earliest_at=clock.earliest_at(change, mails, now=now),
        paused_until=pause.ends_at if pause else None,
        frozen=account_id not in active([account_id]),
        now=now,
    )


def link_of(secret: str, kind: str) -> ChangeLink | None:
    """Return a link with its request, whatever has become of them; None when there never was."""
    links = ChangeLink.objects.select_related("change")
    return links.filter(digest=tokens.digest(secret), kind=kind).first()


def works(link: ChangeLink | None, *, now: datetime) -> bool:
    """Tell whether a link can still do what it was made for."""
    return not why_not(link, now=now)


def why_not(link: ChangeLink | None, *, now: datetime) -> str:
    """Return why a link does nothing, a key of its refusal's sentences; empty while it works."""
    if link is None:
        return "unknown"
    look = {
        ChangeLink.Kind.PROOF: _why_no_proof,
        ChangeLink.Kind.VETO: _why_no_veto,
        ChangeLink.Kind.UNDO: _why_no_undo,
    }
    return look[ChangeLink.Kind(link.kind)](link, now)


def _why_no_proof(link: ChangeLink, now: datetime) -> str:
    change = link.change
    if change.state != Change.State.OPEN:
        return str(change.state)
    if link.used_at is None:
        return "newer" if now >= link.expires_at else ""
    return "newer" if change.proven_at is None else "proven"


def _why_no_veto(link: ChangeLink, now: datetime) -> str:
    # A veto ends the account's open request, whichever request's mail it came in, as long as the
    # address it was mailed to is one that may contest.
    state, account_id = str(link.change.state), link.change.account_id
    over = state if state != Change.State.OPEN else ""
    if now >= link.expires_at:
        return "expired"
    if link.used_at is not None:
        return over or "address"
    if open_change(account_id) is None:
        return over or "unknown"
    return "" if may_contest(profile(account_id), link.address, now=now) else "address"


def _why_no_undo(link: ChangeLink, now: datetime) -> str:
    # The old address may for as long as its link lives, a recovery address while it is one.
    change = link.change
    if change.state != Change.State.DONE:
        return "undone"
    if now >= link.expires_at:
        return "expired"
    if link.used_at is not None:
        return "void"
    if link.address == change.old_address:
        return ""
    return "" if may_contest(profile(change.account_id), link.address, now=now) else "address"


def often_vetoed(account_id: UUID, *, now: datetime) -> bool:
    """Tell whether three requests were vetoed within thirty days."""
    refused = Change.objects.filter(
        account_id=account_id,
        state=Change.State.REFUSED,
        refused_why__in=[VETOED_BY_LINK, VETOED_SIGNED_IN],
    )
    return refused.filter(ended_at__gt=now - VETOES_IN).count() >= VETOES
