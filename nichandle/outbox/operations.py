"""Writing mails, taking them for sending, and settling them."""

import json
import secrets as random_secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from nichandle.kernel import tokens
from nichandle.kernel.database import (
    Statement,
    claimable,
    commit_together,
    execute,
    stored_time,
)
from nichandle.kernel.origin import Origin
from nichandle.outbox.models import Mail
from nichandle.outbox.signals import settled

GIVE_UP_AFTER = timedelta(days=3)
CLAIM = timedelta(seconds=15)
"""How long taken mails are kept from other workers; each is held longer once it leaves."""
LEASE = timedelta(seconds=60)
"""Longer than the longest talk about one mail: five answers of at most ten seconds."""
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=2)
AT_ONCE = 500
# Every mail pays for these two, so they are written by hand.
_BEGIN = """
    UPDATE outbox_mail SET state = 'sending', attempts = %s, lease_until = %s
    WHERE id = %s AND attempts = %s AND state IN ('queued', 'sending')
"""
_ACCEPT = """
    UPDATE outbox_mail SET state = 'sent', secrets = NULL, lease_until = NULL, accepted_at = %s,
        ended_at = %s, last_error = ''
    WHERE id = %s AND state IN ('queued', 'sending', 'dropped')
"""
EXPIRED = "expired before it could be sent"
WAITING = (Mail.State.QUEUED, Mail.State.SENDING)


def enqueue(
    *,
    template: str,
    to: str,
    language: str,
    account_id: UUID | None,
    handle: str,
    context: Mapping[str, Any],
    secrets: Mapping[str, str],
    origin: Origin,
    now: datetime,
    expires_at: datetime | None = None,
) -> Mail:
    """
    Write a mail; call it inside the transaction of the fact it tells.

    ``template`` is the stem of its three files. ``secrets`` are sealed and wiped when the mail
    ends. After ``expires_at`` it is no longer worth sending and is dropped.
    """
    return Mail.objects.create(
        message_id=_message_id(),
        account_id=account_id,
        handle=handle,
        recipient=to,
        language=language,
        template=template,
        context=dict(context),
        secrets=tokens.seal(json.dumps(dict(secrets))) if secrets else None,
        secret_names=sorted(secrets),
        origin_ip=origin.ip,
        origin_browser=origin.browser[:120],
        next_try_at=now,
        created_at=now,
        expires_at=expires_at,
    )


def anything_due(*, now: datetime) -> bool:
    """Look without locking: an idle worker must not hold SQLite's only writer."""
    return _due(now).exists()


def claim(*, limit: int, now: datetime) -> list[Mail]:
    """Take up to ``limit`` mails that are due, oldest first, for as long as the claim holds."""
    with transaction.atomic():
        found = list(claimable(_due(now).order_by("next_try_at", "pk"))[:limit])
        keys = [mail.pk for mail in found]
        Mail.objects.filter(pk__in=keys).update(lease_until=now + CLAIM)
    return found


def release(mails: Iterable[Mail]) -> None:
    """Give back what was taken and not begun, so that the next worker need not wait."""
    keys = [mail.pk for mail in mails]
    rows = Mail.objects.filter(pk__in=keys, state=Mail.State.QUEUED)
    rows.update(lease_until=None)


def begin(mail: Mail, *, now: datetime) -> bool:
    """
    Say that this mail is about to leave, and renew its lease; False when it no longer should.

    Committed before the mail server hears of it, so that after a crash the one mail that may
    have left twice is known, and has the same Message-ID. One that was begun before and never
    settled is held longer each time, like one that was put off.
    """
    if _expired(mail, now):
        _end(mail, Mail.State.DROPPED, now=now, error=EXPIRED)
        return False
    sql, parameters = _beginning(mail, now)
    return bool(execute(sql, parameters))


def accept(mail: Mail, *, now: datetime) -> None:
    """The mail server took it, even if it was superseded in the meantime: it has left."""
    mail.accepted_at = now
    _end(mail, Mail.State.SENT, now=now, among=(*WAITING, Mail.State.DROPPED))


def accept_and_begin(left: Mail, following: Mail, *, accepted_at: datetime, now: datetime) -> bool:
    """Say in one commit that one mail was accepted and the next is about to leave, as ``begin``."""
    if settled.has_listeners(Mail) or _expired(following, now):
        with transaction.atomic():
            accept(left, now=accepted_at)
            return begin(following, now=now)
    at = stored_time(accepted_at)
    accepting: Statement = (_ACCEPT, [at, at, left.pk])
    _accepted, begun = commit_together([accepting, _beginning(following, now)])
    return bool(begun)


def refuse(mail: Mail, *, error: str, now: datetime) -> None:
    """The mail server refuses this address for good."""
    _end(mail, Mail.State.BOUNCED, now=now, error=error)


def give_up(mail: Mail, *, error: str, now: datetime) -> None:
    """It cannot be made or sent at all."""
    _end(mail, Mail.State.FAILED, now=now, error=error)


def put_off(mail: Mail, *, error: str, now: datetime) -> None:
    """It could not be sent now: later, longer each time, for three days."""
    if now - mail.created_at >= GIVE_UP_AFTER:
        give_up(mail, error=error, now=now)
        return
    wait = min(FIRST_DELAY * 2 ** min(mail.attempts - 1, 20), LONGEST_DELAY)
    # The attempt tells our lease from that of a worker who has taken the mail since.
    Mail.objects.filter(pk=mail.pk, state__in=WAITING, attempts=mail.attempts).update(
        state=Mail.State.QUEUED,
        next_try_at=now + wait,
        lease_until=None,
        last_error=error[:2000],
    )


def supersede(*, template: str, account_id: UUID, now: datetime) -> int:
    """Drop what waits of a kind of mail to an account, because a newer one replaces it."""
    rows = Mail.objects.filter(template=template, account_id=account_id, state__in=WAITING)
    return rows.update(
        state=Mail.State.DROPPED,
        secrets=None,
        ended_at=now,
        lease_until=None,
        last_error="superseded",
    )


def give_up_old(*, error: str, now: datetime) -> int:
    """End what has waited for three days for a mail server that is away."""
    rows = _free(now).filter(created_at__lte=now - GIVE_UP_AFTER)
    return _end_all(rows, Mail.State.FAILED, error=error, now=now)


def drop_expired(*, now: datetime) -> int:
    """Drop what is no longer worth sending, and with it its secrets, though it is not yet due."""
    rows = _free(now).filter(expires_at__lte=now)
    return _end_all(rows, Mail.State.DROPPED, error=EXPIRED, now=now)


def _end_all(rows: QuerySet[Mail], state: Mail.State, *, error: str, now: datetime) -> int:
    found = list(rows.order_by("pk")[:AT_ONCE])
    for mail in found:
        _end(mail, state, now=now, error=error)
    return len(found)


def _end(
    mail: Mail,
    state: Mail.State,
    *,
    now: datetime,
    error: str = "",
    among: Iterable[str] = WAITING,
) -> None:
    with transaction.atomic(savepoint=False):
        changed = Mail.objects.filter(pk=mail.pk, state__in=among).update(
            state=state,
            secrets=None,
            lease_until=None,
            accepted_at=mail.accepted_at,
            ended_at=now,
            last_error=error[:2000],
        )
    if changed:
        mail.state, mail.ended_at, mail.last_error = state, now, error[:2000]
        settled.send(sender=Mail, mail=mail, now=now)


def _beginning(mail: Mail, now: datetime) -> Statement:
    before = mail.attempts
    hold = min(LEASE * 2 ** min(before, 20), LONGEST_DELAY)
    mail.attempts, mail.state = before + 1, Mail.State.SENDING
    return _BEGIN, [mail.attempts, stored_time(now + hold), mail.pk, before]


def _expired(mail: Mail, now: datetime) -> bool:
    return mail.expires_at is not None and now >= mail.expires_at


def _due(now: datetime) -> QuerySet[Mail]:
    return _free(now).filter(next_try_at__lte=now)


def _free(now: datetime) -> QuerySet[Mail]:
    """Return what waits and no worker holds."""
    return Mail.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), state__in=WAITING)


def _message_id() -> str:
    domain = parseaddr(settings.NICHANDLE_MAIL_FROM)[1].rpartition("@")[2] or "localhost"
    return f"<{random_secrets.token_hex(16)}@{domain}>"
