"""Reading requests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from nichandle.accounts.contest import may_contest
from nichandle.accounts.queries import profile
from nichandle.emailchange import clock
from nichandle.emailchange.models import Change, ChangeLink, ChangeMail
from nichandle.kernel import tokens

TIMES_AGAIN = 3
"""So often code and proof link are sent again, besides the first time."""
VETOES, VETOES_IN = 3, timedelta(days=30)


def open_change(account_id: UUID) -> Change | None:
    """Return the open request of an account; None when there is none."""
    return Change.objects.filter(account_id=account_id, state=Change.State.OPEN).first()


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far a request has come, for its page.

    ``expected_at`` is when silence makes it effective if all goes as usual, None while the clock
    does not run: because the first mail has not arrived, because it is held, or because nobody is
    left who could be silent (``unreachable``: the current address refuses mail, and no
    established recovery address was written to).
    """

    change: Change
    delivered_at: datetime | None
    expected_at: datetime | None
    unreachable: bool

    @property
    def codes_left(self) -> int:
        return 1 + TIMES_AGAIN - self.change.codes_sent

    @property
    def proofs_left(self) -> int:
        return 1 + TIMES_AGAIN - self.change.proofs_sent


def progress(account_id: UUID) -> Progress | None:
    """Return how far the open request of an account has come; None when none is open."""
    change = open_change(account_id)
    if change is None:
        return None
    mails = list(change.mails.order_by("pk"))
    elsewhere = [mail for mail in mails if not mail.to_current and mail.refused_at is None]
    return Progress(
        change=change,
        delivered_at=clock.delivered_at(mails, ChangeMail.Part.ASKED),
        expected_at=clock.expected_at(change, mails),
        unreachable=clock.current_refuses(mails) and not elsewhere,
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
    """Tell whether three requests were refused within thirty days."""
    refused = Change.objects.filter(account_id=account_id, state=Change.State.REFUSED)
    return refused.filter(ended_at__gt=now - VETOES_IN).count() >= VETOES
