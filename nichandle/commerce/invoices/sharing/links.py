"""A link that opens one document to whoever has it: made, withdrawn, followed."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.invoices.errors import InvoiceNotFound
from nichandle.commerce.invoices.models import NUMBER_LENGTH, Invoice, InvoiceLink
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import LinkRefused, Refused
from nichandle.platform.limits.operations import spend

LASTS: Final = timedelta(days=30)
MOST = 5
"""So many links of one document are open at a time."""


class LinkOver(LinkRefused):
    code = "invoice.link_not_valid"
    message = _("This link is not valid any more.")
    sentences = {  # noqa: RUF012 - read only, as its parent's
        "unknown": _(
            "This link is not complete. Copy the whole of it from the mail or message it came in."
        ),
        "expired": _(
            "It has expired, or whoever sent it has withdrawn it: ask them for a new one."
        ),
    }


class TooManyLinks(Refused):
    code = "invoice.too_many_links"
    message = _("This invoice has %(most)s open links already: withdraw one of them first.")
    status = 409


@transaction.atomic
def share(account_id: UUID, number: str, *, act: Act) -> str:
    """
    Make a link to a document of one's own, and return its secret: only its digest is kept.

    :raises InvoiceNotFound: for a document of somebody else
    :raises TooManyLinks: when it has enough open ones
    :raises Exhausted: when one has made too many today
    """
    invoice = _own(account_id, number)
    spend("invoice.share", key=str(account_id), now=act.now)
    by_hand = [link for link in open_links(invoice, now=act.now) if link.copy_id is None]
    if len(by_hand) >= MOST:
        raise TooManyLinks(most=MOST)
    minted = tokens.mint()
    InvoiceLink.objects.create(
        invoice=invoice, digest=minted.digest, made_at=act.now, expires_at=act.now + LASTS
    )
    record("invoice.shared", account_id=account_id, act=act, invoice=str(invoice.number))
    return minted.secret


@transaction.atomic
def withdraw(account_id: UUID, number: str, link_id: int, *, act: Act) -> None:
    """
    Close a link at once; closed twice, it is closed.

    :raises InvoiceNotFound: for a link of somebody else
    """
    found = InvoiceLink.objects.filter(pk=link_id, invoice=_own(account_id, number))
    if not found.exists():
        raise InvoiceNotFound
    if found.filter(withdrawn_at=None).update(withdrawn_at=act.now):
        record("invoice.share_withdrawn", account_id=account_id, act=act, invoice=number)


def open_links(invoice: Invoice, *, now: datetime) -> list[InvoiceLink]:
    """Return the links that open a document now, oldest first."""
    rows = InvoiceLink.objects.filter(invoice=invoice, withdrawn_at=None, expires_at__gt=now)
    return list(rows.select_related("copy").order_by("pk"))


def followed(secret: str, *, now: datetime) -> Invoice:
    """
    Return the document that a link opens.

    :raises LinkOver: when there is none of this link, or its time is over
    """
    rows = InvoiceLink.objects.filter(digest=tokens.digest(secret))
    found = rows.select_related("invoice").first()
    if found is None:
        raise LinkOver("unknown")
    if found.withdrawn_at is not None or found.expires_at <= now:
        raise LinkOver("expired")
    return found.invoice


def _own(account_id: UUID, number: str) -> Invoice:
    found = Invoice.objects.filter(account_id=account_id, number=number[:NUMBER_LENGTH]).first()
    if found is None:
        raise InvoiceNotFound
    return found
