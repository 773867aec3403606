"""Writing mails, taking them for sending, and settling them."""

import json
import secrets as random_secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from nichandle.kernel import tokens
from nichandle.kernel.database import claimable
from nichandle.kernel.origin import Origin
from nichandle.outbox.models import Mail
from nichandle.outbox.signals import settled

GIVE_UP_AFTER = timedelta(days=3)
CLAIM = timedelta(seconds=15)
"""How long taken mails are kept from other workers; each is held longer once it leaves."""
LEASE = timedelta(seconds=60)
"""Longer than the longest talk with a mail server, five answers of ten seconds."""
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=2)
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


def claim(*, limit: int, now: datetime) -> list[Mail]:
    """Take up to ``limit`` mails that are due, oldest first, for as long as the lease."""
    if not _due(now).exists():
        return []
    with transaction.atomic():
        found = list(claimable(_due(now).order_by("next_try_at", "pk"))[:limit])
        keys = [mail.pk for mail in found]
        Mail.objects.filter(pk__in=keys).update(lease_until=now + CLAIM)
    return found


def begin(mail: Mail, *, now: datetime) -> bool:
    """
    Say that this mail is about to leave, and renew its lease; False when it no longer should.

    Committed before the mail server hears of it, so that after a crash the one mail that may
    have left twice is known, and has the same Message-ID.
    """
    if mail.expires_at is not None and now >= mail.expires_at:
        _end(mail, Mail.State.DROPPED, now=now, error="expired before it could be sent")
        return False
    rows = Mail.objects.filter(pk=mail.pk, state__in=WAITING, attempts=mail.attempts)
    mail.attempts += 1
    mail.state = Mail.State.SENDING
    return bool(rows.update(state=mail.state, attempts=mail.attempts, lease_until=now + LEASE))


def accept(mail: Mail, *, now: datetime) -> None:
    """The mail server took it."""
    mail.accepted_at = now
    _end(mail, Mail.State.SENT, now=now)


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
    wait = min(FIRST_DELAY * 2 ** min(mail.attempts, 20), LONGEST_DELAY)
    Mail.objects.filter(pk=mail.pk, state__in=WAITING).update(
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


@transaction.atomic
def _end(mail: Mail, state: Mail.State, *, now: datetime, error: str = "") -> None:
    changed = Mail.objects.filter(pk=mail.pk, state__in=WAITING).update(
        state=state,
        secrets=None,
        lease_until=None,
        accepted_at=mail.accepted_at,
        ended_at=now,
        last_error=error[:2000],
    )
    if changed:
        mail.state, mail.ended_at = state, now
        settled.send(sender=Mail, mail=mail, now=now)


def _due(now: datetime) -> QuerySet[Mail]:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    return Mail.objects.filter(free, state__in=WAITING, next_try_at__lte=now)


def _message_id() -> str:
    domain = parseaddr(settings.NICHANDLE_MAIL_FROM)[1].rpartition("@")[2] or "localhost"
    return f"<{random_secrets.token_hex(16)}@{domain}>"
