"""The mails of this room. Each states the identifier, and the ticket by its number."""

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act
from nichandle.support.tickets.models import Ticket


def opened(account: Account, ticket: Ticket, *, act: Act) -> None:
    _write(account, ticket, "tickets/mail/opened", {}, act)


def answered(account: Account, ticket: Ticket, text: str, *, closed: bool, act: Act) -> None:
    _write(account, ticket, "tickets/mail/answered", {"words": text, "done": closed}, act)


def closed(account: Account, ticket: Ticket, *, act: Act) -> None:
    _write(account, ticket, "tickets/mail/closed", {}, act)


def _write(
    account: Account, ticket: Ticket, template: str, facts: dict[str, object], act: Act
) -> None:
    told = {"number": ticket.number, "subject": ticket.subject, **facts}
    write(account, template, to=[account.email], facts=told, act=act)
