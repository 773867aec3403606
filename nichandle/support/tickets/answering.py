"""Customer service's side: taking a ticket up, answering, notes that no customer reads."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.queries import profile
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.support.tickets import mails, steps
from nichandle.support.tickets.models import AUTHOR_LENGTH, Ticket, TicketMessage
from nichandle.support.tickets.words import ANSWERED, CLOSED, NOTE, STAFF


class TicketMoved(Refused):
    code = "ticket.moved"
    message = _(
        "Somebody has written in this ticket meanwhile. Read it, then send your answer again."
    )
    field = "text"
    status = 409


class TicketTaken(Refused):
    code = "ticket.taken"
    message = _("%(name)s has taken this ticket up meanwhile.")
    status = 409


@transaction.atomic
def answer(number: str, *, text: str, once: UUID, seen: int, close: bool = False, act: Act) -> None:
    """
    Answer the customer, who is mailed the answer; ``close`` when all is said with it.

    ``seen`` is the key of the last message on the page that was answered from. Who answers takes
    up what nobody has.

    :raises TicketNotFound:
    :raises TicketMoved: when somebody else has written since
    """
    ticket = steps.hold(number)
    if steps.said(ticket, once):
        return
    if TicketMessage.objects.filter(ticket=ticket, pk__gt=seen).exists():
        raise TicketMoved
    steps.say(ticket, STAFF, text, once=once, act=act)
    steps.enter("ticket.answered", ticket, act=act)
    ticket.state, ticket.waiting_since, ticket.closed_at = ANSWERED, None, None
    ticket.answered_at = ticket.answered_at or act.now
    ticket.assignee = ticket.assignee or act.by[:AUTHOR_LENGTH]
    ticket.save()
    mails.answered(profile(ticket.account_id), ticket, text, closed=close, act=act)
    if close:
        steps.end(ticket, act=act)


@transaction.atomic
def note(number: str, *, text: str, once: UUID, act: Act) -> None:
    """
    Write what only customer service reads.

    :raises TicketNotFound:
    """
    ticket = steps.hold(number)
    if not steps.said(ticket, once):
        steps.say(ticket, NOTE, text, once=once, act=act)


@transaction.atomic
def take(number: str, *, over_from: str = "", act: Act) -> None:
    """
    Take a ticket up; from somebody else only where the page has said so: ``over_from`` them.

    :raises TicketNotFound:
    :raises TicketTaken: when another person has come first
    """
    ticket = steps.hold(number)
    if ticket.assignee not in {"", act.by, over_from}:
        raise TicketTaken(name=ticket.assignee)
    _assign(ticket, act.by)


@transaction.atomic
def leave(number: str, *, act: Act) -> None:
    """
    Give a ticket back that one has taken up; what somebody else has stays theirs.

    :raises TicketNotFound:
    """
    ticket = steps.hold(number)
    if ticket.assignee == act.by:
        _assign(ticket, "")


@transaction.atomic
def close(number: str, *, act: Act) -> None:
    """
    Close a ticket without another answer; its customer is told, and may write again.

    :raises TicketNotFound:
    """
    ticket = steps.hold(number)
    if ticket.state == CLOSED:
        return
    steps.end(ticket, act=act)
    mails.closed(profile(ticket.account_id), ticket, act=act)


def _assign(ticket: Ticket, name: str) -> None:
    ticket.assignee = name[:AUTHOR_LENGTH]
    ticket.save(update_fields=["assignee"])
