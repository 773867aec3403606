"""Making the links that go into security mails, and using one up."""

from datetime import datetime, timedelta
from uuid import UUID

from nichandle.kernel import tokens
from nichandle.kernel.database import locked
from nichandle.notme.models import NotMeLink

LIFETIME = timedelta(days=7)


def mint(*, account_id: UUID, event: str, address: str, now: datetime) -> str:
    """
    Make the secret of a link for a mail about ``event``, an act of the ledger, to ``address``.

    Call it inside the transaction of the event, for an address that was the account's before it:
    one that the event itself has brought must not contest it.
    """
    minted = tokens.mint()
    NotMeLink.objects.create(
        account_id=account_id,
        digest=minted.digest,
        event=event,
        event_at=now,
        address=address,
        expires_at=now + LIFETIME,
    )
    return minted.secret


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


def clear_old(*, now: datetime) -> int:
    """Delete links long past their time, and return how many there were."""
    deleted, _by_model = NotMeLink.objects.filter(expires_at__lt=now - LIFETIME).delete()
    return deleted
