"""The mails of an account, as its owner may see them."""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from nichandle.platform.kernel.paging import Page, page
from nichandle.platform.outbox.models import UNREADABLE, Mail

Undelivered = Literal["", "letters", "refused"]


def mails_of(account_id: UUID, *, after: str | None = None, size: int = 50) -> Page[Mail]:
    """Return one page of an account's mails, newest first."""
    return page(Mail.objects.filter(account_id=account_id), by="-id", after=after, size=size)


def mail_of(account_id: UUID, mail_id: int) -> Mail | None:
    """Return one mail of an account; None when it is not the account's."""
    return Mail.objects.filter(account_id=account_id, pk=mail_id).first()


def undelivered(mail_id: int | None) -> Undelivered:
    """
    Tell why a mail will never arrive: empty while nobody has refused it.

    "letters" when the local part of its address has some beyond ASCII, which many mail servers do
    not take (RFC 6531); "refused" when its mail server refuses it for another reason.
    """
    if mail_id is None:
        return ""
    bounced = Mail.objects.filter(pk=mail_id, state=Mail.State.BOUNCED)
    recipient = bounced.values_list("recipient", flat=True).first()
    if recipient is None:
        return ""
    return "refused" if recipient.rpartition("@")[0].isascii() else "letters"


def newest_to(address: str, *, account_id: UUID, template: str) -> int | None:
    """Return the newest mail of one kind from an account to an address; None when there is none."""
    rows = Mail.objects.filter(account_id=account_id, template=template, recipient=address)
    return rows.order_by("-id").values_list("pk", flat=True).first()


def reaches(mail_ids: Collection[int], *, to: str) -> bool:
    """Tell whether one of these mails to an address has been taken, or is still on its way."""
    alive = [Mail.State.QUEUED, Mail.State.SENDING, Mail.State.SENT]
    return Mail.objects.filter(pk__in=mail_ids, recipient=to, state__in=alive).exists()


def unreadable() -> int:
    """Count the mails that wait for the secret with which they were sealed."""
    waiting = [Mail.State.QUEUED, Mail.State.SENDING]
    return Mail.objects.filter(state__in=waiting, last_error=UNREADABLE).count()
