"""What both sides do to a ticket: its row is locked, the text kept, the ledger told."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused
from nichandle.support.tickets import numbers
from nichandle.support.tickets.models import Ticket, TicketMessage
from nichandle.support.tickets.words import CLOSED, SideName

TEXT_LENGTH = 10_000


class TicketNotFound(Refused):
    code = "ticket.not_found"
    message = _("There is no such ticket.")
    status = 404


@dataclass(frozen=True, slots=True)
class TicketQuestion:
    """What somebody asks; ``once`` is the key of the form it was asked with."""

    once: UUID
    category: str
    subject: str
    text: str
    service: int | None = None


def hold(number: str) -> Ticket:
    """
    Lock a ticket until the transaction ends.

    :raises TicketNotFound: when there is none of this number
    """
    known = numbers.read(number)
    found = locked(Ticket.objects.filter(number=known)).first() if known else None
    if found is None:
        raise TicketNotFound
    return found


def said(ticket: Ticket, once: UUID) -> bool:
    """Tell whether the form of this key has been sent before."""
    return TicketMessage.objects.filter(ticket=ticket, once=once).exists()


def say(ticket: Ticket, side: SideName, text: str, *, once: UUID, act: Act) -> TicketMessage:
    """Write what somebody says, no longer than a message may be."""
    return TicketMessage.objects.create(
        ticket=ticket, side=side, author=act.by, text=text[:TEXT_LENGTH], once=once, at=act.now
    )


def end(ticket: Ticket, *, act: Act) -> None:
    """Close a ticket whose row the caller holds; one that is closed stays so."""
    if ticket.state == CLOSED:
        return
    ticket.state, ticket.closed_at, ticket.waiting_since = CLOSED, act.now, None
    ticket.save(update_fields=["state", "closed_at", "waiting_since"])
    enter("ticket.closed", ticket, act=act)


def enter(name: LedgerAct, ticket: Ticket, *, act: Act) -> None:
    """Enter an act about a ticket in its account's ledger."""
    record(name, account_id=ticket.account_id, act=act, ticket=ticket.number)
