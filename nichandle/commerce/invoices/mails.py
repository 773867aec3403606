"""The mails of this room: “your invoice”, when it has its number, and who else gets a copy."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format

from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.words import OPEN
from nichandle.identity.accounts.letterhead import letter, write
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


def copy_asked(account: Account, address: str, *, secret: str, act: Act) -> None:
    """Ask whoever reads an address, of whom we know nothing, whether they want copies."""
    mail = letter(
        account,
        "invoices/mail/copy_asked",
        to=address,
        facts={"asker": account.handle_text},
        secrets={"secret": secret},
        unproven=True,
        act=act,
    )
    enqueue_all([mail])


def copy_told(account: Account, address: str, *, act: Act) -> None:
    """Tell the account that another address was asked; every address that hears of acts is told."""
    write(account, "invoices/mail/copy_told", facts={"address": address}, act=act)


def copies(
    invoice: Invoice, account: Account, letters: Sequence[tuple[str, str, str]], *, now: datetime
) -> None:
    """Send a document to others: to which address, with which link, and which stops them."""
    facts = _facts(invoice, account)
    del facts["own"]
    enqueue_all(
        letter(
            account,
            "invoices/mail/copy",
            to=address,
            facts=facts,
            secrets={"secret": secret, "stop": stop},
            act=Act.by_itself(now),
        )
        for address, secret, stop in letters
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
