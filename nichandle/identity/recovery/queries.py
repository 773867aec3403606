"""Reading links."""

from datetime import datetime
from uuid import UUID

from nichandle.identity.accounts.contest import may_contest, may_set_password
from nichandle.identity.accounts.queries import may_act, profile
from nichandle.identity.cases.queries import running_of
from nichandle.identity.notme import queries as notme
from nichandle.identity.notme.models import NotMeLink
from nichandle.identity.recovery.models import PasswordHold, PasswordReset, ResetStop
from nichandle.platform.kernel import addresses, tokens


def valid_link(secret: str, *, now: datetime) -> PasswordReset | None:
    """Return what a link opens; None when it is unknown, used, ended, too old, or goes nowhere."""
    rows = PasswordReset.objects.filter(digest=tokens.digest(secret), ended_at=None)
    link = rows.filter(expires_at__gt=now).first()
    return link if link is not None and still_ours(link, now=now) else None


def still_ours(link: PasswordReset, *, now: datetime) -> bool:
    """
    Tell whether the address of a link may still set a password.

    While an event is contested one may that was established before it.
    """
    if not link.address or may_act(link.account_id, link.address, now=now):
        return True
    contest = contest_of(link.account_id)
    if contest is None:
        return False
    able = may_set_password(profile(link.account_id), since=contest.since, now=now)
    return addresses.key(link.address) in {addresses.key(one) for one in able}


def why_no_reset(secret: str, *, now: datetime) -> str:
    """Return what became of a link that sets no password any more: a key of its sentences."""
    row = PasswordReset.objects.filter(digest=tokens.digest(secret)).first()
    if row is None:
        return "unknown"
    if row.used_at is not None:
        return "used"
    if now >= row.expires_at:
        return "expired"
    return "ended" if row.ended_at is not None or still_ours(row, now=now) else "removed"


def stop_link_of(secret: str) -> ResetStop | None:
    """Return a stop link, whatever has become of it; None when there never was one."""
    return ResetStop.objects.filter(digest=tokens.digest(secret)).first()


def why_no_stop(link: ResetStop | None, *, now: datetime) -> str:
    """
    Return why a stop link stops nothing, a key of its sentences; empty while it does.

    It is too late once a password was set by what it would stop, for nothing stays as it was then.
    While the account is contested nobody's mailbox stops what goes to another.
    """
    if link is None:
        return "unknown"
    if link.used_at is not None:
        return "used"
    if contest_of(link.account_id) is not None:
        return "contested"
    resets = PasswordReset.objects.filter(account_id=link.account_id, by_recovery=True)
    if resets.filter(used_at__gte=link.created_at).exists():
        return "late"
    return "expired" if now >= link.expires_at else ""


def contest_of(account_id: UUID) -> PasswordHold | None:
    """Return what was said about an account, "it was not me"; None once its case is decided."""
    hold = PasswordHold.objects.filter(account_id=account_id).first()
    if hold is None or hold.case not in {case.number for case in running_of(account_id)}:
        return None
    return hold


def disowned_by(secret: str, *, now: datetime) -> tuple[NotMeLink | None, str]:
    """Return the event a "not me" link belongs to, and why it works no longer; empty while so."""
    link = notme.found(secret)
    if link is None:
        return None, "unknown"
    if link.used_at is None and now >= link.expires_at:
        return link, "expired"
    if not may_contest(profile(link.account_id), link.address, now=now):
        return link, "address"
    return link, "used" if link.used_at is not None else ""
