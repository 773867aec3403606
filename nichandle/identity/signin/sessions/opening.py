"""What opens a session: its key for the browser, its rows for the database."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from nichandle.identity.signin.recognition import browsers
from nichandle.identity.signin.sessions.signed_in import FRESH_FOR
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import (
    Statement,
    run_together,
    stored_time,
    stored_uuid,
)

_END = "DELETE FROM signin_session WHERE key_digest = %s"
_OPEN = """
    INSERT INTO signin_session
        (key_digest, account_id, data, created_at, last_used_at, expires_at, idle_seconds, fresh_at,
         ip, agent)
    VALUES (%s, %s, '{}', %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just opened; its key and the browser's secret go into cookies and nowhere else."""

    key: str
    stay: bool
    expires_at: datetime
    browser: str
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Visit(Act):
    """
    Who knocks: from where, with which session before (it ends), known by which secret.

    ``step`` is the secret of the sign-in that the browser had half done, if it had one.
    """

    replaces: str | None = None
    browser: str | None = None
    step: str = ""


def new_session(
    *, stay: bool, browser: str | None, now: datetime, fresh: bool = True
) -> NewSession:
    """
    Mint the key of a session, and the secret of a browser that has none.

    It is not ``fresh`` where a trusted browser was asked for no factor: a sensitive act asks.
    """
    return NewSession(
        key=secrets.token_urlsafe(32),
        stay=stay,
        expires_at=now + settings.NICHANDLE_SESSION_LONGEST_DAYS,
        browser=browser or secrets.token_urlsafe(24),
        fresh=fresh,
    )


def opening_rows(session: NewSession, account_id: UUID, visit: Visit) -> list[Statement]:
    """Return what opens a session, ends the one it replaces, and makes its browser known."""
    briefly, staying = settings.NICHANDLE_SESSION_IDLE_MINUTES, settings.NICHANDLE_SESSION_STAY_DAYS
    idle = staying if session.stay else briefly
    at, origin = stored_time(visit.now), visit.origin
    fresh_at = at if session.fresh else stored_time(visit.now - FRESH_FOR)
    opened = [
        tokens.digest(session.key),
        stored_uuid(account_id),
        at,
        at,
        stored_time(session.expires_at),
        int(idle.total_seconds()),
        fresh_at,
        origin.ip,
        origin.agent,
    ]
    remembered = browsers.remembering(account_id, browser=session.browser, act=visit)
    ended = [(_END, [tokens.digest(visit.replaces)])] if visit.replaces is not None else []
    return [*ended, (_OPEN, opened), remembered]


def open_session(
    *,
    account_id: UUID,
    stay: bool,
    act: Act,
    replaces: str | None = None,
    browser: str | None = None,
) -> NewSession:
    """
    Open a session for an account whose owner has just been recognised.

    Always under a new key, so that a key planted before signing in is worth nothing. Call it
    inside the transaction that recognised the person.
    """
    session = new_session(stay=stay, browser=browser, now=act.now)
    run_together(opening_rows(session, account_id, Visit(act.origin, act.now, replaces, browser)))
    return session
