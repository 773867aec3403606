"""Writing mails, taking them for sending, and settling them."""

import json
import secrets as random_secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import (
    Statement,
    claimable,
    execute,
    locked,
    stored_time,
    stored_uuid,
)
from nichandle.platform.outbox.models import SECRETS, UNREADABLE, Mail
from nichandle.platform.outbox.signals import settled, watched

GIVE_UP_AFTER = timedelta(days=3)
CLAIM = timedelta(seconds=75)
"""How long taken mails are kept from other workers."""
CLAIM_USED = timedelta(seconds=15)
"""
How long after claiming a mail may still be begun: what is left is longer than the longest talk
about one mail, five answers of at most ten seconds, and than any clock should be wrong.
"""
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=2)
AT_ONCE = 500
# Every mail pays for this, so it is written by hand.
_ACCEPT = """
    UPDATE outbox_mail SET state = 'sent', secrets = NULL, lease_until = NULL, accepted_at = %s,
        ended_at = %s, last_error = ''
    WHERE id = %s AND state IN ('queued', 'sending', 'dropped')
"""
NEXT_DUE = """
    SELECT min(next_try_at) FROM outbox_mail
    WHERE state IN ('queued', 'sending') AND (lease_until IS NULL OR lease_until <= %s)
"""
# Written with the sign-in it tells of, by one message.
_ENQUEUE = """
    INSERT INTO outbox_mail
        (message_id, account_id, handle, recipient, language, template, context, secrets,
         secret_names, origin_ip, origin_browser, next_try_at, created_at, expires_at, state,
         attempts, last_error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'queued', 0, '')
"""
EXPIRED = "expired before it could be sent"
WAITING = (Mail.State.QUEUED, Mail.State.SENDING)


def enqueue(
    *,
    template: str,
    to: str,
    language: str,
    account_id: UUID | None = None,
    handle: str = "",
    context: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    act: Act,
    expires_at: datetime | None = None,
) -> Mail:
    """
    Write a mail; call it inside the transaction of the fact it tells.

    ``template`` is the stem of its three files. ``secrets`` are sealed and wiped when the mail
    ends. After ``expires_at`` it is no longer worth sending and is dropped.
    """
    mail = draft(
        template=template,
        to=to,
        language=language,
        account_id=account_id,
        handle=handle,
        context=context,
        secrets=secrets,
        act=act,
        expires_at=expires_at,
    )
    mail.save(force_insert=True)
    return mail


def enqueue_all(mails: Iterable[Mail]) -> list[Mail]:
    """Write many mails in few statements, as ``enqueue`` writes one."""
    return Mail.objects.bulk_create(mails, batch_size=AT_ONCE)


def enqueuing(mail: Mail) -> Statement:
    """Return the statement that writes a mail as ``enqueue_all`` does, to be sent with more."""
    account = stored_uuid(mail.account_id) if mail.account_id else None
    return _ENQUEUE, [
        mail.message_id,
        account,
        mail.handle,
        mail.recipient,
        mail.language,
        mail.template,
        json.dumps(mail.context),
        mail.secrets,
        json.dumps(mail.secret_names),
        mail.origin_ip,
        mail.origin_browser,
        stored_time(mail.next_try_at),
        stored_time(mail.created_at),
        stored_time(mail.expires_at) if mail.expires_at else None,
    ]


def draft(
    *,
    template: str,
    to: str,
    language: str,
    account_id: UUID | None = None,
    handle: str = "",
    context: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    act: Act,
    expires_at: datetime | None = None,
) -> Mail:
    """Make a mail for ``enqueue_all`` to write."""
    return Mail(
        message_id=_message_id(),
        account_id=account_id,
        handle=handle,
        recipient=to,
        language=language,
        template=template,
        context=dict(context or {}),
        secrets=tokens.seal(json.dumps(dict(secrets)), SECRETS) if secrets else None,
        secret_names=sorted(secrets or ()),
        origin_ip=act.origin.ip,
        origin_browser=act.origin.browser[:120],
        next_try_at=act.now,
        created_at=act.now,
        expires_at=expires_at,
    )


def anything_due(*, now: datetime) -> bool:
    """Look without locking: an idle worker must not hold SQLite's only writer."""
    return _due(now).exists()


def claim(*, limit: int, now: datetime) -> list[Mail]:
    """
    Take up to ``limit`` mails that are due, oldest first, for as long as the claim holds.

    Committed before the mail server hears of any: after a crash, those that may have left are
    among the ones taken, and leave again with the same Message-ID.
    """
    with transaction.atomic():
        found = list(claimable(_due(now).order_by("next_try_at", "pk"))[:limit])
        _of(found).update(
            state=Mail.State.SENDING, attempts=F("attempts") + 1, lease_until=now + CLAIM
        )
    for mail in found:
        mail.state, mail.attempts = Mail.State.SENDING, mail.attempts + 1
    return found


def renew(mails: Iterable[Mail], *, now: datetime) -> set[int]:
    """Lengthen a claim; returns the keys of the mails that are still ours."""
    ours = {mail.pk: mail.attempts for mail in mails}
    with transaction.atomic():
        held = locked(Mail.objects.filter(pk__in=ours, state=Mail.State.SENDING))
        # The attempt tells our claim from that of a worker who has taken the mail since.
        keys = {
            key for key, attempts in held.values_list("pk", "attempts") if ours[key] == attempts
        }
        Mail.objects.filter(pk__in=keys).update(lease_until=now + CLAIM)
    return keys


def release(mails: Iterable[Mail]) -> None:
    """Give back what was taken and has not left, so that the next worker need not wait."""
    rows = _of(mails).filter(state=Mail.State.SENDING, attempts__gt=0)
    rows.update(state=Mail.State.QUEUED, lease_until=None, attempts=F("attempts") - 1)


def drop_if_expired(mail: Mail, *, now: datetime) -> bool:
    """Drop a mail that is no longer worth sending; tell whether it was."""
    if mail.expires_at is None or now < mail.expires_at:
        return False
    _end(mail, Mail.State.DROPPED, now=now, error=EXPIRED)
    return True


def accept(mail: Mail, *, now: datetime, meanwhile: Callable[[], None] | None = None) -> None:
    """
    The mail server took it, even if it was superseded in the meantime: it has left.

    ``meanwhile`` may be called while the database works.
    """
    mail.accepted_at = now
    if watched(mail):
        _end(mail, Mail.State.SENT, now=now, among=(*WAITING, Mail.State.DROPPED))
        return
    at = stored_time(now)
    execute(_ACCEPT, [at, at, mail.pk], meanwhile=meanwhile)


def park(mail: Mail, *, now: datetime) -> None:
    """Keep a mail whose end could not be written from leaving again soon."""
    wait = min(CLAIM * 2 ** min(mail.attempts, 20), LONGEST_DELAY)
    _of([mail]).filter(state__in=WAITING).update(lease_until=now + wait)


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
    _wait(mail, error=error, now=now)


def keep_unreadable(mail: Mail, *, now: datetime) -> None:
    """Its secret cannot be unsealed now: later, longer each time, for as long as it is worth it."""
    _wait(mail, error=UNREADABLE, now=now)


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
    old = _free(now).filter(created_at__lte=now - GIVE_UP_AFTER)
    rows = old.exclude(last_error=UNREADABLE)
    return _end_all(rows, Mail.State.FAILED, error=error, now=now)


def drop_expired(*, now: datetime) -> int:
    """Drop what is no longer worth sending, and with it its secrets, though it is not yet due."""
    rows = _free(now).filter(expires_at__lte=now)
    return _end_all(rows, Mail.State.DROPPED, error=EXPIRED, now=now)


def _wait(mail: Mail, *, error: str, now: datetime) -> None:
    wait = min(FIRST_DELAY * 2 ** min(max(mail.attempts - 1, 0), 20), LONGEST_DELAY)
    # The attempt tells our lease from that of a worker who has taken the mail since.
    Mail.objects.filter(pk=mail.pk, state__in=WAITING, attempts=mail.attempts).update(
        state=Mail.State.QUEUED,
        next_try_at=now + wait,
        lease_until=None,
        last_error=error[:2000],
    )


def _end_all(rows: QuerySet[Mail], state: Mail.State, *, error: str, now: datetime) -> int:
    found = list(rows.order_by("pk")[:AT_ONCE])
    for mail in found:
        mail.away = state == Mail.State.FAILED
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
    with transaction.atomic():
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
            settled(mail, now=now)


def _of(mails: Iterable[Mail]) -> QuerySet[Mail]:
    return Mail.objects.filter(pk__in=[mail.pk for mail in mails])


def _due(now: datetime) -> QuerySet[Mail]:
    return _free(now).filter(next_try_at__lte=now)


def _free(now: datetime) -> QuerySet[Mail]:
    """Return what waits and no worker holds."""
    return Mail.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), state__in=WAITING)


def _message_id() -> str:
    domain = parseaddr(settings.NICHANDLE_MAIL_FROM)[1].rpartition("@")[2] or "localhost"
    return f"<{random_secrets.token_hex(16)}@{domain}>"
