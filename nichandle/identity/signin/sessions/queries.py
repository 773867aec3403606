"""Reading sessions: the statement every page of the customer area pays for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from nichandle.identity.factors.queries import HAS_FACTOR
from nichandle.identity.signin.models import Session, alive
from nichandle.identity.signin.sessions.signed_in import LiveSession
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import fetch_all
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.kernel.reading.questions import Question, ask, question

RENEWED_JUST_NOW = timedelta(seconds=60)

# The one read of every signed-in request, by hand because building it costs more than running it.
_LIVE = """
    SELECT s.id AS session_id, s.data, s.last_used_at, s.expires_at, s.idle_seconds, s.fresh_at,
           a.id, a.state, a.kind, a.given_name, a.family_name, a.organisation, a.email,
           a.country, a.language, a.time_zone, COALESCE(h.text, '') AS handle,
           {must_enrol} AS must_enrol
      FROM signin_session s
      JOIN accounts_account a ON a.id = s.account_id
      LEFT JOIN handles_handle h ON h.id = a.handle_id
     WHERE s.key_digest = %s AND a.state <> 'closed'
"""


def live_session(key: str, *, now: datetime) -> LiveSession | None:
    """Return the session a browser's key opens, with its account; None when it has ended."""
    session = fetch_all(_live(), [tokens.digest(key)]).first_as(LiveSession)
    return session if session and session.live(now) else None


def just_renewed(key: str, *, now: datetime) -> bool:
    """Tell whether a key that opens nothing was exchanged for another a moment ago."""
    rows = Session.objects.filter(former_digest=tokens.digest(key))
    return rows.filter(fresh_at__gt=now - RENEWED_JUST_NOW).exists()


def _everybody() -> str:
    return "1 = 1" if settings.NICHANDLE_REQUIRE_FACTOR else ""


DEMANDS: list[Callable[[], str]] = [_everybody]
"""
Who must have a second factor: each gives a condition on the account ``a``, or nothing.

A room whose roles demand one adds its own, and pages still cost one statement.
"""


def _live() -> str:
    conditions = " OR ".join(f"({asked})" for demand in DEMANDS if (asked := demand()))
    has_factor = HAS_FACTOR.format(account="a.id")
    must_enrol = f"(({conditions}) AND NOT {has_factor})" if conditions else "(1 = 0)"
    return _LIVE.format(must_enrol=must_enrol)


MOST_SESSIONS = 100
"""So many are counted, and no more."""
SESSIONS_SHOWN, LONGEST_KEY = 25, 18


@dataclass(frozen=True, slots=True)
class Device:
    """One live session as its owner sees it."""

    session_id: int
    browser: str
    network: str
    began_at: datetime
    used_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Devices:
    """One page of an account's live sessions; ``next`` asks for the one after it."""

    rows: list[Device]
    next: str


def devices(account_id: UUID, *, key: str | None, now: datetime, after: str = "") -> Devices:
    """
    Return one page of the live sessions of an account in words, the newest, last used first.

    This browser's own stands in front of the first page and on no other. One round trip.
    """
    before = int(after) if after.isdecimal() and len(after) <= LONGEST_KEY else None
    digest = tokens.digest(key or "")
    page, own = _page(account_id, before), _own(account_id, digest)
    ask(page, own)
    rows = page.answer[:SESSIONS_SHOWN]
    others = [row for row in rows if row.live(now) and row.key_digest != digest]
    others.sort(key=lambda row: row.last_used_at, reverse=True)
    mine = own.answer if before is None else []
    following = str(rows[-1].pk) if len(page.answer) > SESSIONS_SHOWN else ""
    return Devices([_device(row, digest) for row in [*mine, *others]], following)


def _device(row: Session, digest: str) -> Device:
    return Device(
        session_id=row.pk,
        browser=Origin(row.ip, row.agent).browser,
        network=row.ip or "",
        began_at=row.created_at,
        used_at=row.last_used_at,
        current=row.key_digest == digest,
    )


@question
def _page(account_id: UUID, before: int | None) -> QuerySet[Session]:
    rows = Session.objects.filter(account_id=account_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.order_by("-pk")[: SESSIONS_SHOWN + 1]


@question
def _own(account_id: UUID, digest: str) -> QuerySet[Session]:
    return Session.objects.filter(account_id=account_id, key_digest=digest)


@question
def _lifetimes(account_id: UUID) -> QuerySet[Session, tuple[datetime, int, datetime]]:
    rows = Session.objects.filter(account_id=account_id).order_by("-pk")
    return rows.values_list("last_used_at", "idle_seconds", "expires_at")[:MOST_SESSIONS]


def number_asked(account_id: UUID, *, now: datetime) -> Question[int]:
    """Ask how many sessions are live, ``MOST_SESSIONS`` at most."""
    return _lifetimes(account_id).then(
        lambda rows: sum(
            alive(now, last_used_at=used, idle_seconds=idle, expires_at=ends)
            for used, idle, ends in rows
        )
    )
