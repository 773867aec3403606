"""
Addresses that get a copy of every invoice, such as an accountant's: asked, agreed to, ended.

Nothing is sent before whoever reads the address has agreed. Each copy is a link to one document;
the account is told when an address is added, and sees each link among those of its document.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.invoices import mails
from nichandle.commerce.invoices.models import Invoice, InvoiceCopy, InvoiceLink
from nichandle.commerce.invoices.sharing.links import LASTS
from nichandle.identity.accounts.queries import lock_account, profile
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import LinkRefused, Refused
from nichandle.platform.limits.mailboxes import spend_mail
from nichandle.platform.limits.operations import spend

AGREED_WITHIN: Final = timedelta(days=7)
MOST = 5
"""So many addresses of one account get copies, or are asked whether they want them."""
PURPOSE = "invoices.copies"


class CopyLinkOver(LinkRefused):
    code = "invoice.copy_link_not_valid"
    message = _("This link is not valid any more.")
    sentences = {  # noqa: RUF012 - read only, as its parent's
        "unknown": _(
            "This link is not complete. Copy the whole of it from the mail or message it came in."
        ),
        "over": _("You have answered already, or nobody asks for it any more."),
    }


class CopyAsked(Refused):
    code = "invoice.copy_asked"
    message = _("This address gets your invoices already, or has been asked whether it wants them.")
    field = "address"
    status = 409


class TooManyCopies(Refused):
    code = "invoice.too_many_copies"
    message = _("Invoices go to %(most)s more addresses at most: take one away first.")
    field = "address"
    status = 409


class CopyNotFound(Refused):
    code = "invoice.copy_not_found"
    message = _("There is no such address.")
    status = 404


def of_account(account_id: UUID, *, now: datetime) -> list[InvoiceCopy]:
    """Return the addresses that get copies, and those that have not answered yet, oldest first."""
    return list(_living(now).filter(account_id=account_id).order_by("pk"))


def ask(account_id: UUID, address: str, *, act: Act) -> None:
    """
    Ask whoever reads an address whether they want copies; the account is told that it was asked.

    :raises CopyAsked: when it was asked already
    :raises TooManyCopies: when there are enough
    :raises Exhausted: after too many mails, to this address or at this customer's word
    """
    key = addresses.key(address)
    spend("invoice.copy", key=str(account_id), now=act.now)
    spend("unproven.network", key=act.origin.network, now=act.now)
    spend_mail(
        "invoice.copy_mail",
        mailbox=addresses.mailbox(address),
        network=act.origin.network,
        now=act.now,
    )
    with transaction.atomic():
        account = lock_account(account_id)
        there = of_account(account_id, now=act.now)
        if key in {copy.address_key for copy in there}:
            raise CopyAsked
        if len(there) >= MOST:
            raise TooManyCopies(most=MOST)
        minted = tokens.mint()
        InvoiceCopy.objects.create(
            account=account,
            address=address,
            address_key=key,
            digest=minted.digest,
            asked_at=act.now,
        )
        record("invoice.copy_asked", account_id=account_id, act=act, address=address)
        mails.copy_asked(account, address, secret=minted.secret, act=act)
        mails.copy_told(account, address, act=act)


def asked(secret: str, *, now: datetime) -> InvoiceCopy:
    """
    Return what the link of a question asks.

    :raises CopyLinkOver: when it was answered, taken back, or waited for too long
    """
    found = InvoiceCopy.objects.filter(digest=tokens.digest(secret)).first()
    if found is None:
        raise CopyLinkOver("unknown")
    if found.agreed_at is not None or found not in _living(now):
        raise CopyLinkOver("over")
    return found


@transaction.atomic
def answer(secret: str, *, agreed: bool, act: Act) -> None:
    """
    Agree to get copies, or not; the answer is whoever's who reads the address.

    :raises CopyLinkOver: as ``asked`` does
    """
    found = locked(InvoiceCopy.objects.filter(pk=asked(secret, now=act.now).pk)).get()
    if found.agreed_at is not None or found.ended_at is not None:
        raise CopyLinkOver("over")
    if not agreed:
        _end(found, act)
        return
    found.agreed_at = act.now
    found.save(update_fields=["agreed_at"])
    _enter("invoice.copy_agreed", found, act)


@transaction.atomic
def remove(account_id: UUID, copy_id: int, *, act: Act) -> None:
    """
    Send no more copies to an address; taken away twice, it is away. Its open links end too.

    :raises CopyNotFound: for one of somebody else
    """
    rows = InvoiceCopy.objects.filter(pk=copy_id, account_id=account_id)
    found = locked(rows).first()
    if found is None:
        raise CopyNotFound
    if found.ended_at is None:
        _end(found, act)
        links = InvoiceLink.objects.filter(copy=found, withdrawn_at=None)
        links.update(withdrawn_at=act.now)


def stopping(secret: str) -> InvoiceCopy:
    """
    Return which copies the link at the foot of each of them would stop.

    :raises CopyLinkOver: when there is none of this link, or they were stopped
    """
    number, _dash, seal = secret.partition("-")
    known = number.isdecimal() and number.isascii() and len(number) < 19
    found = InvoiceCopy.objects.filter(pk=int(number)).first() if known else None
    if found is None or not tokens.same(seal, _seal(found)):
        raise CopyLinkOver("unknown")
    if found.ended_at is not None:
        raise CopyLinkOver("over")
    return found


@transaction.atomic
def stop(secret: str, *, act: Act) -> None:
    """
    Want no more copies.

    :raises CopyLinkOver: as ``stopping`` does
    """
    found = locked(InvoiceCopy.objects.filter(pk=stopping(secret).pk)).get()
    if found.ended_at is None:
        _end(found, act)


def send(invoice: Invoice, *, now: datetime) -> None:
    """Mail a document that was just issued to whoever has agreed to get copies."""
    rows = InvoiceCopy.objects.filter(account_id=invoice.account_id, ended_at=None)
    agreed = list(rows.filter(agreed_at__isnull=False).order_by("pk"))
    if not agreed:
        return
    account = profile(invoice.account_id)
    minted = [tokens.mint() for _copy in agreed]
    InvoiceLink.objects.bulk_create(
        InvoiceLink(
            invoice=invoice, copy=copy, digest=made.digest, made_at=now, expires_at=now + LASTS
        )
        for copy, made in zip(agreed, minted, strict=True)
    )
    letters: Sequence[tuple[str, str, str]] = [
        (copy.address, made.secret, f"{copy.pk}-{_seal(copy)}")
        for copy, made in zip(agreed, minted, strict=True)
    ]
    mails.copies(invoice, account, letters, now=now)


def _living(now: datetime) -> QuerySet[InvoiceCopy]:
    waits = Q(agreed_at__isnull=False) | Q(asked_at__gt=now - AGREED_WITHIN)
    return InvoiceCopy.objects.filter(waits, ended_at=None)


def _end(copy: InvoiceCopy, act: Act) -> None:
    copy.ended_at = act.now
    copy.save(update_fields=["ended_at"])
    _enter("invoice.copy_ended", copy, act)


def _enter(name: str, copy: InvoiceCopy, act: Act) -> None:
    record(name, account_id=copy.account_id, act=act, address=str(copy.address))  # type: ignore[arg-type]  # one of the list


def _seal(copy: InvoiceCopy) -> str:
    """Return what the link at the foot of a copy ends with: it stops these copies alone."""
    return tokens.keyed_digest(f"{copy.pk} {copy.address_key}", PURPOSE)[:32]
