"""The customer's side: asking, writing again, closing, and saying how the help was."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.services.queries import seen as seen_service
from nichandle.identity.accounts.queries import lock_account
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.figures import Duration, with_figures
from nichandle.platform.kernel.wording.text import fold
from nichandle.platform.limits.operations import spend
from nichandle.support.tickets import mails, numbers, steps
from nichandle.support.tickets.models import (
    FOLDED_LENGTH,
    RATING_WORDS_LENGTH,
    SUBJECT_LENGTH,
    Ticket,
)
from nichandle.support.tickets.steps import TicketNotFound, TicketQuestion
from nichandle.support.tickets.words import CLOSED, CUSTOMER, WAITING

REOPENED_FOR = timedelta(days=30)
"""So long after its end a ticket can be written in again."""


class ServiceNotSeen(Refused):
    code = "ticket.service_not_yours"
    message = _("You have no role on this service. Choose one of yours, or none.")
    field = "service"


class TicketOver(Refused):
    code = "ticket.over"
    message = with_figures(
        _("This ticket was closed more than %(time)s ago. Open a new one and name its number."),
        time=Duration(REOPENED_FOR),
    )
    field = "text"
    status = 409


class TicketStillOpen(Refused):
    code = "ticket.still_open"
    message = _("Close the ticket first, then say how it was.")
    status = 409


def ask(*, account_id: UUID, question: TicketQuestion, act: Act) -> Ticket:
    """
    Open a ticket; the same form sent again returns the same one.

    :raises ServiceNotSeen: for a service on which the account has no role
    :raises Exhausted: after too many in a day
    """
    earlier = _asked(account_id, question.once)
    if earlier is not None:
        return earlier
    if question.service is not None and seen_service(account_id, question.service) is None:
        raise ServiceNotSeen
    spend("ticket.open", key=str(account_id), now=act.now)
    with transaction.atomic():
        account = lock_account(account_id)
        # The same form in another tab may have come first, and we have waited for it.
        earlier = _asked(account_id, question.once)
        if earlier is not None:
            return earlier
        ticket = Ticket.objects.create(
            number=numbers.draw(),
            account=account,
            handle=account.handle_text,
            category=question.category,
            subject=question.subject[:SUBJECT_LENGTH],
            subject_folded=fold(question.subject[:SUBJECT_LENGTH])[:FOLDED_LENGTH],
            service_id=question.service,
            state=WAITING,
            once=question.once,
            opened_at=act.now,
            waiting_since=act.now,
        )
        steps.say(ticket, CUSTOMER, question.text, once=question.once, act=act)
        steps.enter("ticket.opened", ticket, act=act)
        mails.opened(account, ticket, act=act)
    return ticket


def reply(*, account_id: UUID, number: str, text: str, once: UUID, act: Act) -> None:
    """
    Write in a ticket of one's own; one that was closed lately is open again by that.

    :raises TicketNotFound: also for a ticket of somebody else
    :raises TicketOver: when it was closed too long ago
    :raises Exhausted: after too many messages in an hour
    """
    if not _own(account_id, number):
        raise TicketNotFound
    spend("ticket.reply", key=str(account_id), now=act.now)
    with transaction.atomic():
        ticket = steps.hold(number)
        if steps.said(ticket, once):
            return
        if ticket.closed_at is not None and act.now - ticket.closed_at > REOPENED_FOR:
            raise TicketOver
        steps.say(ticket, CUSTOMER, text, once=once, act=act)
        steps.enter(
            "ticket.reopened" if ticket.state == CLOSED else "ticket.replied", ticket, act=act
        )
        ticket.waiting_since = ticket.waiting_since or act.now
        ticket.state, ticket.closed_at = WAITING, None
        ticket.save(update_fields=["state", "closed_at", "waiting_since"])


@transaction.atomic
def close(*, account_id: UUID, number: str, act: Act) -> None:
    """
    Close a ticket of one's own; one that is closed stays so.

    :raises TicketNotFound: also for a ticket of somebody else
    """
    steps.end(_held(account_id, number), act=act)


@transaction.atomic
def rate(*, account_id: UUID, number: str, rating: int, words: str, act: Act) -> None:
    """
    Say how the help in a closed ticket was, from 1 to 5; said again, the last word counts.

    :raises TicketNotFound: also for a ticket of somebody else
    :raises TicketStillOpen: while it is not closed
    """
    ticket = _held(account_id, number)
    if ticket.state != CLOSED:
        raise TicketStillOpen
    ticket.rating, ticket.rating_words = rating, words[:RATING_WORDS_LENGTH]
    ticket.save(update_fields=["rating", "rating_words"])
    steps.enter("ticket.rated", ticket, act=act)


def _asked(account_id: UUID, once: UUID) -> Ticket | None:
    return Ticket.objects.filter(account_id=account_id, once=once).first()


def _own(account_id: UUID, number: str) -> bool:
    return Ticket.objects.filter(account_id=account_id, number=numbers.read(number)).exists()


def _held(account_id: UUID, number: str) -> Ticket:
    ticket = steps.hold(number)
    if ticket.account_id != account_id:
        raise TicketNotFound
    return ticket
