"""Reading tickets: one's list, one ticket, and what customer service has before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet

from nichandle.commerce.services import queries as services
from nichandle.commerce.services.models import Service
from nichandle.platform.kernel.paging import Page, page
from nichandle.platform.kernel.wording.text import fold
from nichandle.support.tickets import numbers
from nichandle.support.tickets.models import SUBJECT_LENGTH, Ticket, TicketMessage
from nichandle.support.tickets.words import CLOSED, NOTE, STATES

SIZE = 25
MESSAGES_SHOWN = 200
"""So many of a ticket's messages are shown, the newest."""
SERVICES_OFFERED = 100
PROMISE = timedelta(days=1)
"""Within this time every customer is to have an answer; what waits longer is marked."""

QueueName = Literal["waiting", "mine", "answered", "closed"]


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which of one's tickets are wanted; what no list knows wants everything."""

    text: str = ""
    state: str = ""

    @property
    def narrow(self) -> bool:
        return bool(self.text or self.state)


@dataclass(frozen=True, slots=True)
class SeenTicket:
    """One ticket as somebody reads it; ``earlier`` when it has more messages than are shown."""

    ticket: Ticket
    messages: Sequence[TicketMessage]
    earlier: bool

    @property
    def newest(self) -> int:
        """The key of the last message: what an answer answers."""
        return int(self.messages[-1].pk) if self.messages else 0


def mine(account_id: UUID, wanted: TicketFilter, *, after: str = "") -> Page[Ticket]:
    """Return one page of an account's tickets, the newest first."""
    rows = Ticket.objects.filter(account_id=account_id)
    if wanted.state in STATES:
        rows = rows.filter(state=wanted.state)
    if wanted.text:
        number = numbers.read(wanted.text)
        text = fold(wanted.text)[:SUBJECT_LENGTH]
        rows = rows.filter(number=number) if number else rows.filter(subject_folded__contains=text)
    return page(rows, by="-id", after=after, size=SIZE)


def seen(account_id: UUID, number: str) -> SeenTicket | None:
    """Return a ticket of an account without its notes; None also for one of somebody else."""
    rows = Ticket.objects.filter(account_id=account_id, number=numbers.read(number))
    return _seen(rows, ~Q(side=NOTE))


def for_staff(number: str) -> SeenTicket | None:
    """Return a ticket, whoever's it is, with its notes; None when there is none."""
    return _seen(Ticket.objects.filter(number=numbers.read(number)), Q())


def of_queue(queue: QueueName, *, name: str, after: str = "") -> Page[Ticket]:
    """
    Return one page of what customer service has before it.

    What waits comes with what has waited longest first, whether somebody (``name``) has taken it
    up or not; all else with the newest first.
    """
    rows = Ticket.objects.select_related("service")
    if queue in {"waiting", "mine"}:
        rows = rows.filter(waiting_since__isnull=False)
        if queue == "mine":
            rows = rows.filter(assignee=name)
        return _longest_first(rows, after)
    return page(rows.filter(state=queue), by="-id", after=after, size=SIZE)


def offered_services(account_id: UUID, chosen: int | None, *, now: datetime) -> list[Service]:
    """Return the services that a question may be about, with one that is chosen already."""
    wanted = services.Filter()
    found = services.mine(account_id, wanted, today=now.date(), size=SERVICES_OFFERED)
    offered = [row.service for row in found.rows]
    if chosen is not None and chosen not in {service.pk for service in offered}:
        one = services.seen(account_id, chosen)
        offered += [one.service] if one else []
    return offered


def of_service(account_id: UUID, service_id: int) -> int:
    """Count the tickets of an account about a service that are not closed."""
    rows = Ticket.objects.filter(account_id=account_id, service_id=service_id)
    return rows.exclude(state=CLOSED).count()


def waits_too_long(ticket: Ticket, *, now: datetime) -> bool:
    """Tell whether a customer waits for longer than is promised."""
    return ticket.waiting_since is not None and now - ticket.waiting_since > PROMISE


def _seen(rows: QuerySet[Ticket], which: Q) -> SeenTicket | None:
    ticket = rows.select_related("service").first()
    if ticket is None:
        return None
    newest = TicketMessage.objects.filter(which, ticket=ticket).order_by("-pk")
    found = list(newest[: MESSAGES_SHOWN + 1])
    return SeenTicket(ticket, found[:MESSAGES_SHOWN][::-1], len(found) > MESSAGES_SHOWN)


def _longest_first(rows: QuerySet[Ticket], after: str) -> Page[Ticket]:
    moment, _colon, key = after.partition("~")
    try:
        since, number = datetime.fromisoformat(moment), int(key)
    except ValueError:
        pass
    else:
        rows = rows.filter(Q(waiting_since__gt=since) | Q(waiting_since=since, pk__gt=number))
    found = list(rows.order_by("waiting_since", "pk")[: SIZE + 1])
    shown = found[:SIZE]
    if len(found) <= SIZE or shown[-1].waiting_since is None:
        return Page(shown, None)
    return Page(shown, f"{shown[-1].waiting_since.isoformat()}~{shown[-1].pk}")
