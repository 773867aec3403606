"""Reading links."""

from datetime import datetime

from nichandle.accounts.contest import may_contest
from nichandle.accounts.queries import profile
from nichandle.kernel import tokens
from nichandle.notme import queries as notme
from nichandle.notme.models import NotMeLink
from nichandle.recovery.models import PasswordReset, ResetStop


def valid_link(secret: str, *, now: datetime) -> PasswordReset | None:
    """Return what a link opens; None when it is unknown, used, replaced or too old."""
    rows = PasswordReset.objects.filter(digest=tokens.digest(secret), ended_at=None)
    return rows.filter(expires_at__gt=now).first()


def stoppable(secret: str, *, now: datetime) -> bool:
    """Tell whether a stop link still works."""
    rows = ResetStop.objects.filter(digest=tokens.digest(secret), used_at=None)
    return rows.filter(expires_at__gt=now).exists()


def contested(secret: str, *, now: datetime) -> NotMeLink | None:
    """Return the event a "not me" link belongs to; None when the link no longer works."""
    link = notme.found(secret)
    if link is None or not notme.works(link, now=now):
        return None
    return link if may_contest(profile(link.account_id), link.address, now=now) else None
