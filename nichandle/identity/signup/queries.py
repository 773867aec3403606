"""Reading a creation that is under way."""

from datetime import datetime, timedelta

from nichandle.identity.signup.models import Creation
from nichandle.platform.kernel import tokens

LIFETIME = timedelta(hours=24)
"""How long a browser may take from the first page to the code."""


def current(secret: str | None, *, now: datetime) -> Creation | None:
    """Return the creation that this browser began, None when there is none or it is too old."""
    if not secret:
        return None
    rows = Creation.objects.filter(secret_digest=tokens.digest(secret))
    return rows.filter(created_at__gt=now - LIFETIME).first()
