"""Reading sessions: the statement every page of the customer area pays for."""

from datetime import datetime
from uuid import UUID

from nichandle.kernel import tokens
from nichandle.signin.models import Session

# The one read of every signed-in request, by hand because building it costs more than running it.
_LIVE = """
    SELECT s.*, a.state, a.kind, a.given_name, a.family_name, a.organisation, a.email,
           a.country, a.language, a.time_zone, COALESCE(h.text, '') AS handle
      FROM signin_session s
      JOIN accounts_account a ON a.id = s.account_id
      LEFT JOIN handles_handle h ON h.id = a.handle_id
     WHERE s.key_digest = %s AND a.state <> 'closed'
"""


def live_session(key: str, *, now: datetime) -> Session | None:
    """
    Return the session a browser's key opens, with the account's columns on it; None when ended.

    One statement.
    """
    for session in Session.objects.raw(_LIVE, [tokens.digest(key)]):
        return session if session.live(now) else None
    return None


def sessions_of(account_id: UUID, *, now: datetime) -> list[Session]:
    """Return the live sessions of an account, last used first."""
    rows = Session.objects.filter(account_id=account_id, expires_at__gt=now)
    return [row for row in rows.order_by("-last_used_at") if row.live(now)]
