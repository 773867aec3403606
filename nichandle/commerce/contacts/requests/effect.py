"""Carrying a request out, once everybody who has to has said yes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from nichandle.commerce.contacts import mails
from nichandle.commerce.contacts.disputes import operations
from nichandle.commerce.contacts.lifecycle import endings
from nichandle.commerce.contacts.lifecycle.book import Book
from nichandle.commerce.contacts.lifecycle.steps import due_for_a_look, look_again_later, move
from nichandle.commerce.contacts.models import Item, Request
from nichandle.commerce.contacts.queries import service_ids
from nichandle.commerce.contacts.rules import authority, roles_by_service
from nichandle.commerce.contacts.telling.audience import Contacts, audience
from nichandle.commerce.contacts.telling.content import Content
from nichandle.commerce.services import obstacles
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.operations import hand_over, lock_services
from nichandle.commerce.services.queries import contacts_of
from nichandle.platform.audit.operations import NewEntry
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.outbox.operations import enqueue_all

AT_ONCE = 100
LONGEST_WAIT = timedelta(days=30)
"""How long an accepted request waits for a pause or a held account; the longest pause is seven."""


def carry_out(request: Request, services: Sequence[Service], *, book: Book, act: Act) -> None:
    """
    Hand the roles over unless something stands in the way; the caller holds services and request.

    What passes is waited for, in state ``doing``; what does not ends the request.
    """
    if request.state != Request.State.DOING:
        move(request, Request.State.DOING, now=act.now)
    standing = _standing(request, act.now)
    if standing is not None or request.held:
        waited = act.now - request.asked_at >= LONGEST_WAIT
        if (standing is not None and not standing.passes) or waited:
            reason = "waited" if waited else "obstacle"
            endings.end(
                request, Request.State.ERROR, book=book, act=Act.by_itself(act.now), reason=reason
            )
        else:
            look_again_later(request, now=act.now)
        return
    contacts = contacts_of([service.pk for service in services])
    items = _good(request, services, contacts)
    if not items:
        endings.end(
            request, Request.State.ERROR, book=book, act=Act.by_itself(act.now), reason="outdated"
        )
        return
    left = _left(request, items, contacts)
    _apply(request, items, act.now)
    _tell(request, items, contacts, left=left, book=book, act=act)


def go_on(*, now: datetime) -> int:
    """Carry out what waited for a pause that has ended; returns how many ended."""
    rows = Request.objects.filter(state=Request.State.DOING, ended_at=None)
    due = rows.filter(due_for_a_look(now)).order_by("expires_at")
    keys = list(due.values_list("pk", flat=True)[:AT_ONCE])
    return sum(retry(key, now=now) for key in keys)


@transaction.atomic
def retry(request_id: int, *, now: datetime) -> int:
    """Try one accepted request again; returns whether it ended."""
    services = lock_services(service_ids(request_id))
    request = locked(Request.objects.filter(pk=request_id, state=Request.State.DOING)).first()
    if request is None:
        return 0
    book = Book()
    carry_out(request, services, book=book, act=Act.by_itself(now))
    book.write(now=now)
    return int(not request.open)


def _standing(request: Request, now: datetime) -> obstacles.Standing | None:
    """Return what stands in the way on either side, what lasts before what passes."""
    accounts = {request.asker_id: request.asker}
    if request.to_account is not None:
        accounts[request.to_account.pk] = request.to_account
    found = [obstacles.first(account, now=now) for account in accounts.values()]
    return min((one for one in found if one), key=lambda one: one.passes, default=None)


def _good(request: Request, services: Sequence[Service], contacts: Contacts) -> list[Item]:
    """
    Return what can still be done: who asked may ask still, who hands over has it still.

    By any of the asker's roles: that by which it was asked may have been handed over meanwhile,
    in the same form.
    """
    usable = {
        service.pk
        for service in services
        if service.contacts_frozen_at is None and service.state != Service.State.TERMINATED
    }
    mine = roles_by_service(contacts, request.asker_id)
    return [
        item
        for item in Item.objects.filter(request=request, state=Item.State.OPEN).order_by("pk")
        if item.service_id in usable
        and authority(mine.get(item.service_id, set()), item.role) is not None
        and contacts[item.service_id, item.role].account_id == request.from_account_id
    ]


def _left(request: Request, items: Sequence[Item], contacts: Contacts) -> list[str]:
    """Return the names of services that stay as they are, for the asker to know."""
    rest = Item.objects.filter(request=request, state=Item.State.OPEN)
    rest = rest.exclude(pk__in=[item.pk for item in items])
    rows = rest.values_list("service_id", "role")
    return sorted({contacts[service_id, role].service.name for service_id, role in rows})


def _apply(request: Request, items: Sequence[Item], now: datetime) -> None:
    assert request.to_account is not None
    hand_over(
        [(item.service_id, item.role) for item in items],
        old=(request.from_account_id, request.from_account.handle_text),
        new=(request.to_account.pk, request.newcomer_handle),
        by=request.asker.handle_text,
        now=now,
    )
    done = Item.objects.filter(pk__in=[item.pk for item in items])
    done.update(state=Item.State.DONE)
    move(request, Request.State.DONE, now=now)


def _tell(
    request: Request,
    items: Sequence[Item],
    contacts: Contacts,
    *,
    left: Sequence[str],
    book: Book,
    act: Act,
) -> None:
    """Tell everybody who has or had a role on these services, each of their own services only."""
    assert request.to_account is not None
    roles: dict[int, set[str]] = {}
    for item in items:
        roles.setdefault(item.service_id, set()).add(item.role)
    parties = (request.asker, request.from_account, request.to_account)
    dispute = operations.prepare(request, items, now=act.now)
    letters = []
    for told in audience(parties, roles, contacts):
        key = told.account.pk
        own = act.origin if key == request.asker_id else NOWHERE
        book.add(_line(request, key, told.about, own))
        secret = dispute if key == request.from_account_id else ""
        stayed = left if key == request.asker_id else []
        letters.append(
            mails.done(request, told.account, told.about, dispute=secret, left=stayed, now=act.now)
        )
    enqueue_all(letters)


def _line(request: Request, account_id: UUID, about: Content, origin: Origin) -> NewEntry:
    details = {
        "roles": list(about.roles),
        "services": about.names,
        "count": about.count if about.more else None,
        "old": request.from_account.handle_text,
        "new": request.newcomer_handle,
    }
    if account_id != request.asker_id:
        details["actor"] = request.asker.handle_text
    return NewEntry("contact.handed_over", account_id, origin, details)
