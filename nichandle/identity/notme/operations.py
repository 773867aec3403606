"""Making the links that go into security mails, and using one up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from nichandle.identity.notme.models import NotMeLink
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import (
    Statement,
    locked,
    run_together,
    stored_time,
    stored_uuid,
)

LIFETIME = timedelta(days=7)
_MINT = """
    INSERT INTO notme_notmelink (account_id, digest, event, event_at, address, expires_at)
    VALUES (%s, %s, %s, %s, %s, %s)
"""


def mint(
    *,
    account_id: UUID,
    event: str,
    address: str,
    now: datetime,
    event_at: datetime | None = None,
) -> str:
    """
    Make the secret of a link for a mail about ``event``, an act of the ledger, to ``address``.

    Call it inside the transaction of the event, for an address that was the account's before it:
    one that the event itself has brought must not contest it. ``event_at`` is when the event was,
    if that was before now.
    """
    secret, link = minting(
        account_id=account_id, event=event, address=address, now=now, event_at=event_at
    )
    run_together([link])
    return secret


def minting(
    *,
    account_id: UUID,
    event: str,
    address: str,
    now: datetime,
    event_at: datetime | None = None,
) -> tuple[str, Statement]:
    """Return the secret of ``mint`` and the statement that makes its link, to be sent with more."""
    minted = tokens.mint()
    at, ends = stored_time(event_at or now), stored_time(now + LIFETIME)
    account = stored_uuid(account_id)
    return minted.secret, (_MINT, [account, minted.digest, event, at, address, ends])


def use(secret: str, *, now: datetime) -> NotMeLink | None:
    """Use a link up, inside the caller's transaction; None when it no longer works."""
    links = NotMeLink.objects.filter(digest=tokens.digest(secret), used_at=None, expires_at__gt=now)
    link = locked(links).first()
    if link is not None:
        link.used_at = now
        link.save(update_fields=["used_at"])
    return link


def void_all(*, account_id: UUID, now: datetime) -> None:
    """End every outstanding link of an account."""
    NotMeLink.objects.filter(account_id=account_id, used_at=None).update(used_at=now)


def void_to(mailed: Sequence[tuple[UUID, str]], *, now: datetime) -> None:
    """End the links (of an account, to an address) that went to an address it no longer has."""
    links = NotMeLink.objects.filter(account_id__in=[one for one, _ in mailed], used_at=None)
    pairs = set(mailed)
    found = links.values_list("pk", "account_id", "address")
    ours = [pk for pk, account_id, address in found if (account_id, address) in pairs]
    NotMeLink.objects.filter(pk__in=ours).update(used_at=now)


def clear_old(*, now: datetime) -> int:
    """Delete links long past their time, and return how many there were."""
    deleted, _by_model = NotMeLink.objects.filter(expires_at__lt=now - LIFETIME).delete()
    return deleted
