"""What ends sessions: their owner, another act, the operator, and time."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from nichandle.identity.factors.operations import end_trust
from nichandle.identity.signin.models import (
    STAYS_FROM,
    Challenge,
    OpenedBrowser,
    Opening,
    Session,
)
from nichandle.identity.signin.recognition import browsers
from nichandle.platform.audit.operations import NewEntry, record, record_all
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import unless_busy
from nichandle.platform.kernel.origin import NOWHERE

ENDED_AT_ONCE = 500
BROWSER_FORGOTTEN_AFTER = timedelta(days=365)


@transaction.atomic
def sign_out(*, key: str, account_id: UUID, act: Act) -> None:
    """End the session on our side; signing out twice does nothing the second time."""
    ended, _rows = Session.objects.filter(key_digest=tokens.digest(key)).delete()
    if ended:
        record("signin.signed_out", account_id=account_id, act=act)


@transaction.atomic
def end_session(*, account_id: UUID, session_id: int, act: Act) -> bool:
    """End one of the account's own sessions; False when there is no such session any more."""
    ended, _rows = Session.objects.filter(account_id=account_id, pk=session_id).delete()
    if ended:
        record("signin.session_ended", account_id=account_id, act=act)
    return bool(ended)


@transaction.atomic
def end_others(*, account_id: UUID, key: str, act: Act, browser: str | None = None) -> int:
    """
    End all sessions of the account but the one with this key; returns how many ended.

    Other browsers than ``browser`` are no longer known, and none is trusted.
    """
    ended = close_others(account_id, key)
    browsers.forget(account_id, but=browser)
    end_trust(account_id)
    # Also where no other session was open: browsers were forgotten, and none is trusted any more.
    record("signin.others_ended", account_id=account_id, act=act, count=ended)
    return ended


def close_others(account_id: UUID, key: str) -> int:
    """End the other sessions, and half sign-ins, as part of another act, in its transaction."""
    Challenge.objects.filter(account_id=account_id).delete()
    others = Session.objects.filter(account_id=account_id).exclude(key_digest=tokens.digest(key))
    return others.delete()[0]


def end_all(*, account_id: UUID) -> None:
    """
    End every session of an account, forget its browsers and trust none.

    Call it inside the transaction of the act that asks for it.
    """
    _end_all(account_id)
    browsers.forget(account_id)
    end_trust(account_id)


@transaction.atomic
def end_by_operator(account_id: UUID | None = None, *, now: datetime) -> int:
    """
    End the sessions of one account, or of some hundreds of all that have one, and leave the trace.

    Returns of how many accounts; called again until that is none, everybody is signed out.
    """
    live = Session.objects.order_by("account_id")
    if account_id is not None:
        live = live.filter(account_id=account_id)
    ids = list(live.values_list("account_id", flat=True).distinct()[:ENDED_AT_ONCE])
    end_sessions(ids, keep=None)
    lines = [NewEntry("signin.ended_by_operator", each, NOWHERE, {}) for each in ids]
    record_all(lines, now=now)
    return len(ids)


def end_sessions(account_ids: Collection[UUID], *, keep: str | None) -> None:
    """End the sessions of accounts, but the one with this key; in the caller's transaction."""
    ended = Session.objects.filter(account_id__in=account_ids)
    if keep is not None:
        ended = ended.exclude(key_digest=tokens.digest(keep))
    ended.delete()
    Challenge.objects.filter(account_id__in=account_ids).delete()


def end_since(*, account_id: UUID, since: datetime) -> None:
    """
    End every session, forget the browsers first seen since, and trust none any more.

    Call it inside the transaction of the act that asks for it.
    """
    _end_all(account_id)
    browsers.forget_since(account_id, since)
    end_trust(account_id)


def _end_all(account_id: UUID) -> None:
    """End the sessions, the sign-ins half done, and the links that open a browser."""
    Session.objects.filter(account_id=account_id).delete()
    Challenge.objects.filter(account_id=account_id).delete()
    Opening.objects.filter(account_id=account_id).delete()


def touch(session_id: int, *, now: datetime) -> None:
    """Note that a session was used; a page is not kept waiting for it."""
    with unless_busy():
        Session.objects.filter(pk=session_id, last_used_at__lt=now).update(last_used_at=now)


def clear_ended(*, now: datetime) -> int:
    """Delete sessions that ended, and return how many; forget browsers long unseen."""
    idle = Q(last_used_at__lt=now - settings.NICHANDLE_SESSION_STAY_DAYS)
    idle |= Q(last_used_at__lt=now - timedelta(seconds=STAYS_FROM), idle_seconds__lt=STAYS_FROM)
    ended, _rows = Session.objects.filter(Q(expires_at__lt=now) | idle).delete()
    browsers.forget_before(now - BROWSER_FORGOTTEN_AFTER)
    OpenedBrowser.objects.filter(until__lt=now).delete()
    return ended
