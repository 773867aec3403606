"""The mails of an account, as its owner may see them."""

from collections.abc import Collection
from uuid import UUID

from nichandle.platform.kernel.paging import Page, page
from nichandle.platform.outbox.models import Mail


def mails_of(account_id: UUID, *, after: str | None = None, size: int = 50) -> Page[Mail]:
    """Return one page of an account's mails, newest first."""
    return page(Mail.objects.filter(account_id=account_id), by="-id", after=after, size=size)


def mail_of(account_id: UUID, mail_id: int) -> Mail | None:
    """Return one mail of an account; None when it is not the account's."""
    return Mail.objects.filter(account_id=account_id, pk=mail_id).first()


def reaches(mail_ids: Collection[int], *, to: str) -> bool:
    """Tell whether one of these mails to an address has been taken, or is still on its way."""
    alive = [Mail.State.QUEUED, Mail.State.SENDING, Mail.State.SENT]
    return Mail.objects.filter(pk__in=mail_ids, recipient=to, state__in=alive).exists()
