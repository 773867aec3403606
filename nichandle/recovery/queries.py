"""Reading links."""

from datetime import datetime

from nichandle.kernel import tokens
from nichandle.recovery.models import PasswordReset


def valid_link(secret: str, *, now: datetime) -> PasswordReset | None:
    """Return what a link opens; None when it is unknown, used, replaced or too old."""
    rows = PasswordReset.objects.filter(digest=tokens.digest(secret), ended_at=None)
    return rows.filter(expires_at__gt=now).first()
