"""Signing in and out: who is asking is settled first, then one hash, then the session."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.accounts import credentials, passwords
from nichandle.accounts.credentials import Credential
from nichandle.accounts.operations import renew_hash
from nichandle.audit.operations import record, recording
from nichandle.kernel import tokens
from nichandle.kernel.database import Statement, run_together, stored_time, stored_uuid
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.limits.operations import check, spending
from nichandle.signin import candidates, known, mails
from nichandle.signin.models import KnownBrowser, Session

ABSOLUTE_LIFETIME = timedelta(days=30)
IDLE_WHEN_STAYING = timedelta(days=14)
BROWSER_FORGOTTEN_AFTER = timedelta(days=365)
NOBODY = UUID(int=0)
"""Stands for the account nobody has, so that the unknown takes the same statements."""


_OPEN = """
    INSERT INTO signin_session
        (key_digest, account_id, data, created_at, last_used_at, expires_at, idle_seconds, fresh_at,
         ip, agent)
    VALUES (%s, %s, '{}', %s, %s, %s, %s, %s, %s, %s)
"""


class SigninFailed(Refused):
    """The same for an unknown identifier, a wrong password and a closed account."""

    code = "signin.failed"
    message = _("The identifier or the password is not right. Check both and try again.")
    counted = True


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just opened; its key and the browser's secret go into cookies and nowhere else."""

    key: str
    stay: bool
    expires_at: datetime
    browser: str


@dataclass(frozen=True, slots=True)
class Entered:
    """A sign-in that succeeded: whose, and the session that it opened."""

    account_id: UUID
    opening: bool
    session: NewSession


def sign_in(
    *,
    identifier: str,
    password: str,
    stay: bool,
    origin: Origin,
    now: datetime,
    replaces: str | None = None,
    browser: str | None = None,
) -> Entered:
    """
    Sign in with identifier, alias or primary address, and password.

    What was typed is resolved to an account before anything else; then there is one hash, with a
    decoy for the unknown, so that known and unknown cost the same. ``replaces`` is the key of the
    session the browser had, which ends; ``browser`` the secret by which the browser is known: one
    that has signed in to the account before has an allowance of its own, so that the failures of
    strangers never lock the owner out. A sign-in from a new browser or network is told by mail.

    :raises SigninFailed: when it does not open an account; counted
    :raises Exhausted: after too many failures; says when to try again
    """
    candidate = candidates.find(identifier)
    account_id = candidate.account_id if candidate else NOBODY
    found = known.seen(account_id, browser=browser, origin=origin)
    allowance = candidates.allowance(candidate, identifier, browser if found.browser else None)
    check(("signin.network", origin.network), allowance, now=now)
    if not _right(candidate, password) or candidate is None:
        _count_failure(allowance, origin, now)
        raise SigninFailed
    session = _new(stay=stay, browser=browser, now=now)
    with transaction.atomic():
        if not credentials.hold(candidate):
            raise SigninFailed
        _end(replaces)
        _enter(session, candidate, found, origin=origin, now=now)
    if passwords.outdated(candidate.password):
        renew_hash(account_id=account_id, password=password, before=candidate.password)
    return Entered(account_id, candidate.opening, session)


def open_session(
    *,
    account_id: UUID,
    stay: bool,
    origin: Origin,
    now: datetime,
    replaces: str | None = None,
    browser: str | None = None,
) -> NewSession:
    """
    Open a session for an account whose owner has just been recognised.

    Always under a new key, so that a key planted before signing in is worth nothing. Call it
    inside the transaction that recognised the person.
    """
    session = _new(stay=stay, browser=browser, now=now)
    _end(replaces)
    run_together(_opening(session, account_id, origin=origin, now=now))
    return session


@transaction.atomic
def sign_out(*, key: str, account_id: UUID, origin: Origin, now: datetime) -> None:
    """End the session on our side; signing out twice does nothing the second time."""
    ended, _rows = Session.objects.filter(key_digest=tokens.digest(key)).delete()
    if ended:
        record("signin.signed_out", account_id=account_id, origin=origin, now=now)


@transaction.atomic
def end_session(*, account_id: UUID, session_id: int, origin: Origin, now: datetime) -> bool:
    """End one of the account's own sessions; False when there is no such session any more."""
    ended, _rows = Session.objects.filter(account_id=account_id, pk=session_id).delete()
    if ended:
        record("signin.session_ended", account_id=account_id, origin=origin, now=now)
    return bool(ended)


@transaction.atomic
def end_others(*, account_id: UUID, key: str, origin: Origin, now: datetime) -> int:
    """End all sessions of the account but the one with this key; returns how many ended."""
    others = Session.objects.filter(account_id=account_id).exclude(key_digest=tokens.digest(key))
    ended, _rows = others.delete()
    if ended:
        record("signin.others_ended", account_id=account_id, origin=origin, now=now, count=ended)
    return ended


def end_all(*, account_id: UUID) -> None:
    """End every session of an account and forget its browsers; inside the caller's transaction."""
    Session.objects.filter(account_id=account_id).delete()
    KnownBrowser.objects.filter(account_id=account_id).delete()


def end_sessions(account_ids: Collection[UUID], *, keep: str | None) -> None:
    """End the sessions of accounts, but the one with this key; in the caller's transaction."""
    ended = Session.objects.filter(account_id__in=account_ids)
    if keep is not None:
        ended = ended.exclude(key_digest=tokens.digest(keep))
    ended.delete()


def end_since(*, account_id: UUID, since: datetime) -> None:
    """End every session and forget the browsers first seen since; in the caller's transaction."""
    Session.objects.filter(account_id=account_id).delete()
    KnownBrowser.objects.filter(account_id=account_id, first_at__gte=since).delete()


def touch(session_id: int, *, now: datetime) -> None:
    """Note that a session was used."""
    Session.objects.filter(pk=session_id, last_used_at__lt=now).update(last_used_at=now)


def clear_ended(*, now: datetime) -> int:
    """Delete sessions that ended, and return how many; forget browsers long unseen."""
    ended, _rows = Session.objects.filter(expires_at__lt=now).delete()
    KnownBrowser.objects.filter(last_at__lt=now - BROWSER_FORGOTTEN_AFTER).delete()
    return ended


def _enter(
    session: NewSession, candidate: Credential, found: known.Seen, *, origin: Origin, now: datetime
) -> None:
    """Write the session and its trace, and tell the owner of a place not seen before."""
    account_id = candidate.account_id
    entry = recording("signin.succeeded", account_id=account_id, origin=origin, now=now)
    run_together([*_opening(session, account_id, origin=origin, now=now), *entry])
    if found.worth_a_mail and not candidate.opening:
        mails.new_place(account_id, found, origin=origin, now=now)


def _new(*, stay: bool, browser: str | None, now: datetime) -> NewSession:
    return NewSession(
        key=secrets.token_urlsafe(32),
        stay=stay,
        expires_at=now + ABSOLUTE_LIFETIME,
        browser=browser or secrets.token_urlsafe(24),
    )


def _end(key: str | None) -> None:
    if key is not None:
        Session.objects.filter(key_digest=tokens.digest(key)).delete()


def _opening(
    session: NewSession, account_id: UUID, *, origin: Origin, now: datetime
) -> list[Statement]:
    """Return the statements that open a session and make its browser known."""
    idle = IDLE_WHEN_STAYING if session.stay else settings.NICHANDLE_SESSION_IDLE_MINUTES
    at = stored_time(now)
    opened = [
        tokens.digest(session.key),
        stored_uuid(account_id),
        at,
        at,
        stored_time(session.expires_at),
        int(idle.total_seconds()),
        at,
        origin.ip,
        origin.agent,
    ]
    remembered = known.remembering(account_id, browser=session.browser, origin=origin, now=now)
    return [(_OPEN, opened), remembered]


def _right(candidate: Credential | None, password: str) -> bool:
    if candidate is None:
        passwords.decoy(password)
        return False
    return passwords.verify(password, candidate.password)


def _count_failure(allowance: tuple[str, str], origin: Origin, now: datetime) -> None:
    name, key = allowance
    if name == "signin.browser":
        counted = spending("signin.browser", key=key, now=now)
    else:
        counted = spending("signin.account", key=key, now=now)
    run_together([spending("signin.network", key=origin.network, now=now), counted])
