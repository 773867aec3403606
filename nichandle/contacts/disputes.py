"""
Disputes: an outgoing owner or administrator contests a hand-over.

The contacts of the services concerned are frozen at once; customer service decides.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from nichandle.accounts.models import Account
from nichandle.audit.operations import Line
from nichandle.cases.models import Case
from nichandle.cases.operations import open_case
from nichandle.contacts import endings, mails
from nichandle.contacts.book import Book
from nichandle.contacts.content import Content
from nichandle.contacts.errors import DisputeLinkNotValid, DisputeSettled
from nichandle.contacts.models import Dispute, Item, Request
from nichandle.contacts.queries import (
    content,
    dispute_of,
    disputed_services,
    open_requests_on,
)
from nichandle.contacts.rules import DISPUTABLE
from nichandle.kernel import tokens
from nichandle.kernel.database import locked
from nichandle.kernel.origin import NOWHERE, Origin
from nichandle.services.models import Service
from nichandle.services.operations import freeze_contacts, hand_over, hold, thaw_contacts
from nichandle.services.queries import contacts_of

LINK_LIFETIME = timedelta(days=7)


def prepare(request: Request, items: Sequence[Item], *, now: datetime) -> str:
    """Make the dispute link of a hand-over that is being done; empty when there is none to have."""
    if not any(item.role in DISPUTABLE for item in items):
        return ""
    minted = tokens.mint()
    Dispute.objects.create(request=request, digest=minted.digest, expires_at=now + LINK_LIFETIME)
    return minted.secret


@transaction.atomic
def dispute(*, secret: str, origin: Origin, now: datetime) -> Dispute:
    """
    Contest a hand-over with the link of its mail: the services' contacts are frozen.

    :raises DisputeLinkNotValid: when the link was used or is too old
    """
    found = dispute_of(secret, now=now)
    if found is None:
        raise DisputeLinkNotValid
    services = hold(disputed_services(found.request_id))
    rows = Dispute.objects.filter(pk=found.pk, opened_at=None)
    if locked(rows).first() is None:
        raise DisputeLinkNotValid
    freeze_contacts(services, now=now)
    book = Book()
    asked = open_requests_on([one.pk for one in services])
    endings.abort(asked, "disputed", book=book, now=now)
    request = found.request
    about = content(request)
    case = _open_case(found, about, origin=origin, now=now)
    found.opened_at, found.case_number = now, case.number
    found.save(update_fields=["opened_at", "case_number"])
    for account in _parties(request):
        own = origin if account.pk == request.from_account_id else NOWHERE
        details = {"services": about.names, "case": case.number}
        book.add(Line("contact.disputed", account.pk, own, details))
        mails.disputed(account, about, number=case.number, origin=own, now=now)
    book.write(now=now)
    return found


def _open_case(found: Dispute, about: Content, *, origin: Origin, now: datetime) -> Case:
    """Let reviewers look into it: they read who handed what to whom, and how to decide it."""
    request = found.request
    assert request.to_account is not None
    return open_case(
        account_id=request.from_account_id,
        kind="contact_dispute",
        origin=origin,
        now=now,
        dispute=found.pk,
        before=_handle(request.from_account),
        newcomer=_handle(request.to_account),
        asked_by=_handle(request.asker),
        roles=", ".join(about.roles),
        services=", ".join(about.names),
    )


@transaction.atomic
def settle(*, dispute_id: int, give_back: bool, now: datetime) -> None:
    """
    Decide a dispute: the roles go back or stay, and the contacts are free again.

    :raises DisputeSettled: when there is no open dispute of this number
    """
    open_ones = Dispute.objects.filter(pk=dispute_id, opened_at__isnull=False, settled_at=None)
    first = open_ones.select_related("request").first()
    if first is None:
        raise DisputeSettled
    services = hold(disputed_services(first.request_id))
    found = locked(open_ones).first()
    if found is None:
        raise DisputeSettled
    request = found.request
    found.settled_at, found.given_back = now, give_back
    found.save(update_fields=["settled_at", "given_back"])
    if give_back:
        _give_back(request, now)
    thaw_contacts(_without_other_dispute(found, services), now=now)
    about = content(request)
    book = Book()
    for account in _parties(request):
        details = {"services": about.names, "case": found.case_number}
        book.add(Line("contact.dispute_settled", account.pk, NOWHERE, details))
        mails.settled(account, about, given_back=give_back, number=found.case_number, now=now)
    book.write(now=now)


def _give_back(request: Request, now: datetime) -> None:
    """Undo what this hand-over did, wherever the newcomer still has the role."""
    assert request.to_account is not None
    items = Item.objects.filter(
        request=request, state=Item.State.DONE, role__in=DISPUTABLE
    ).order_by("pk")
    contacts = contacts_of({item.service_id for item in items})
    hand_over(
        [
            (item.service_id, item.role)
            for item in items
            if contacts[item.service_id, item.role].account_id == request.to_account_id
        ],
        old=(request.to_account.pk, _handle(request.to_account)),
        new=(request.from_account_id, _handle(request.from_account)),
        by="",
        now=now,
    )


def _without_other_dispute(found: Dispute, services: Sequence[Service]) -> list[Service]:
    others = Dispute.objects.filter(opened_at__isnull=False, settled_at=None).exclude(pk=found.pk)
    items = Item.objects.filter(
        request__in=others.values("request_id"),
        service__in=services,
        state=Item.State.DONE,
        role__in=DISPUTABLE,
    )
    taken = set(items.values_list("service_id", flat=True))
    return [service for service in services if service.pk not in taken]


def _parties(request: Request) -> list[Account]:
    people = [request.asker, request.from_account, request.to_account]
    found = {account.pk: account for account in people if account is not None}
    return [found[key] for key in sorted(found)]


def _handle(account: Account) -> str:
    return account.handle.text if account.handle else ""
