"""Reading requests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from nichandle.identity.accounts.contest import may_contest
from nichandle.identity.accounts.queries import profile
from nichandle.identity.emailchange import clock
from nichandle.identity.emailchange.models import Change, ChangeLink, ChangeMail
from nichandle.identity.pauses.queries import running
from nichandle.platform.kernel import tokens

TIMES_AGAIN = 3
"""So often code and proof link are sent again, besides the first time."""
VETOES, VETOES_IN = 3, timedelta(days=30)
VETOED_BY_LINK, VETOED_SIGNED_IN = "link", "signed in"
"""Of the reasons for which a request is refused, those that are somebody's veto."""


def open_change(account_id: UUID) -> Change | None:
    """Return the open request of an account; None when there is none."""
    return Change.objects.filter(account_id=account_id, state=Change.State.OPEN).first()


def silence_for(account_id: UUID) -> timedelta:
    """Return how long silence must last for a change that an account asks for."""
    return clock.silence(Change(account_id=account_id))


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far a request has come, for its page.

    ``expected_at`` is when it takes effect by itself, None while anything but silence is missing;
    ``earliest_at`` when it could at the earliest, for one that waits for its proof (None while the
    first mail has not arrived). ``unreachable``: the current address refuses mail, and no
    established recovery address was asked in its place.
    """

    change: Change
    expected_at: datetime | None
    earliest_at: datetime | None
    unreachable: bool
    now: datetime

    @property
    def silence(self) -> timedelta:
        """How long silence must last for it."""
        return clock.silence(self.change)

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


def progress(account_id: UUID, *, now: datetime) -> Progress | None:
    """Return how far the open request of an account has come; None when none is open."""
    change = open_change(account_id)
    if change is None:
        return None
    mails = list(change.mails.order_by("pk"))
    asked = [mail for mail in mails if mail.part == ChangeMail.Part.ASKED]
    elsewhere = [mail for mail in asked if not mail.to_current and mail.refused_at is None]
    expected = clock.expected_at(change, mails, now=now)
    pause = running(account_id, now=now) if expected is not None else None
    return Progress(
        change=change,
        # What falls due during a pause waits for its end.
        expected_at=max(expected, pause.ends_at) if expected and pause else expected,
        earliest_at=clock.earliest_at(change, mails, now=now),
        unreachable=clock.current_refuses(mails) and not elsewhere and not change.by_code,
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
