"""The mail of this room: “your invoice”, when it has its number."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format

from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.words import OPEN
from nichandle.identity.accounts.letterhead import letter
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.operations import enqueue_all

TEMPLATE = "invoices/mail/issued"


def issued(invoice: Invoice, readers: Iterable[Account], *, now: datetime) -> None:
    """Tell the customer, and whoever bills one of the services, that a document was issued."""
    enqueue_all(
        letter(
            account,
            TEMPLATE,
            to=account.email,
            facts=_facts(invoice, account),
            act=Act.by_itself(now),
        )
        for account in readers
    )


def _facts(invoice: Invoice, reader: Account) -> dict[str, str]:
    return {
        "customer": invoice.handle,
        "number": str(invoice.number),
        "kind": str(invoice.kind),
        "amount": invoice.gross.shown(reader.language),
        "due": _due(invoice, reader.language),
        "own": "yes" if reader.pk == invoice.account_id else "",
    }


def _due(invoice: Invoice, language: str) -> str:
    """Write by when it is to be paid; empty when there is nothing to pay."""
    if invoice.standing.state != OPEN:
        return ""
    with translation.override(language):
        return date_format(invoice.due_date)
