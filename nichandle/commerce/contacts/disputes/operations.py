"""
Disputes: an outgoing owner or administrator contests a hand-over.

The contacts of the services concerned are frozen at once; customer service decides. Rows are locked
in the order of the house: account and case, services, requests, disputes, ledgers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from nichandle.commerce.contacts import mails
from nichandle.commerce.contacts.disputes import outcome
from nichandle.commerce.contacts.errors import DisputeLinkNotValid, DisputeSettled
from nichandle.commerce.contacts.lifecycle import endings
from nichandle.commerce.contacts.lifecycle.book import Book
from nichandle.commerce.contacts.models import Dispute, Item, Request
from nichandle.commerce.contacts.queries import (
    content,
    disputable,
    dispute_of,
    disputed_items,
    disputed_services,
    open_requests_on,
)
from nichandle.commerce.contacts.rules import DISPUTABLE
from nichandle.commerce.contacts.telling.audience import Contacts, Told, audience
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.operations import (
    freeze_contacts,
    lock_services,
    thaw_contacts,
)
from nichandle.commerce.services.queries import contacts_of
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.operations import prepare_case
from nichandle.identity.cases.review import reviewing
from nichandle.platform.audit.operations import NewEntry
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE

LINK_LIFETIME = timedelta(days=7)


def prepare(request: Request, items: Sequence[Item], *, now: datetime) -> str:
    """
    Make the dispute link of a hand-over that is being done; empty when there is none to have.

    It is the displaced one's. Who asked for the hand-over, and confirmed it, disputes nothing:
    whoever sold a domain could freeze what he sold. For a stolen account "not me" is the tool.
    """
    if request.from_account_id == request.asker_id:
        return ""
    if not any(item.role in DISPUTABLE for item in items):
        return ""
    minted = tokens.mint()
    Dispute.objects.create(request=request, digest=minted.digest, expires_at=now + LINK_LIFETIME)
    return minted.secret


@transaction.atomic
def dispute(*, secret: str, act: Act) -> Dispute:
    """
    Contest a hand-over with the link of its mail: the services' contacts are frozen.

    :raises DisputeLinkNotValid: when the link was used or is too old
    """
    found = dispute_of(secret, now=act.now)
    if found is None:
        raise DisputeLinkNotValid
    return _open(found, act=act)


@transaction.atomic
def dispute_signed_in(*, account_id: UUID, request_id: int, act: Act) -> Dispute:
    """
    Contest a hand-over as the account that lost the role; the page has seen a fresh sign-in.

    For whoever no longer has the mail, or had access given back, which voids the links of mails.

    :raises DisputeLinkNotValid: when there is nothing that this account can dispute any more
    """
    found = disputable(account_id, now=act.now, request_id=request_id).first()
    if found is None:
        raise DisputeLinkNotValid
    return _open(found, act=act)


def _open(found: Dispute, *, act: Act) -> Dispute:
    services = lock_services(disputed_services(found.request_id))
    freeze_contacts(services, now=act.now)
    book = Book()
    asked = open_requests_on([one.pk for one in services])
    endings.abort(asked, "disputed", book=book, now=act.now)
    if locked(Dispute.objects.filter(pk=found.pk, opened_at=None)).first() is None:
        raise DisputeLinkNotValid
    case = _open_case(found, book=book, act=act)
    found.opened_at, found.case_number = act.now, case.number
    found.save(update_fields=["opened_at", "case_number"])
    for told in _concerned(found.request, contacts_of([one.pk for one in services])):
        account = told.account
        own = act.origin if account.pk == found.request.from_account_id else NOWHERE
        details = {"services": told.about.names, "case": case.number}
        book.add(NewEntry("contact.disputed", account.pk, own, details))
        facts = {"number": case.number}
        template = "contacts/mail/disputed"
        mails.write(account, told.about, template, facts=facts, act=Act(own, act.now))
    book.write(now=act.now)
    return found


def _open_case(found: Dispute, *, book: Book, act: Act) -> Case:
    """Let reviewers look into it: they read who handed what to whom."""
    request, about = found.request, content(found.request)
    case, line = prepare_case(
        account_id=request.from_account_id,
        kind="contact_dispute",
        act=act,
        dispute=found.pk,
        before=request.from_account.handle_text,
        newcomer=request.newcomer_handle,
        asked_by=request.asker.handle_text,
        roles=list(about.roles),
        services=about.names,
    )
    book.add(line)
    return case


@transaction.atomic
def decide(*, number: str, reviewer_id: UUID, give_back: bool, words: str, now: datetime) -> None:
    """
    Decide a dispute as the reviewer of its case, which is closed with it.

    :raises CaseOver: when the case is closed
    :raises NotYourCase: when the reviewer has not taken it up
    :raises WordsMissing: when no reasons are written
    :raises DisputeSettled: when it is decided already
    :raises RoleWouldBeClosed: when an account that is closed would have a role
    """
    by, lines = reviewing.settle(number=number, reviewer_id=reviewer_id, words=words, now=now)
    open_ones = _undecided().filter(case_number=number)
    _settle(open_ones, give_back=give_back, by=by, words=words, lines=lines, now=now)


@transaction.atomic
def settle(*, dispute_id: int, give_back: bool, by: str, words: str, now: datetime) -> None:
    """
    Decide a dispute as the operator, at the command line; its case is closed with it.

    :raises DisputeSettled: when there is no open dispute of this number
    :raises WordsMissing: when no reasons are written
    :raises RoleWouldBeClosed: when an account that is closed would have a role
    """
    open_ones = _undecided().filter(pk=dispute_id)
    found = open_ones.first()
    if found is None:
        raise DisputeSettled
    lines = reviewing.settle_by_operator(number=found.case_number, actor=by, words=words, now=now)
    _settle(open_ones, give_back=give_back, by=by, words=words, lines=lines, now=now)


def _undecided() -> QuerySet[Dispute]:
    return Dispute.objects.filter(opened_at__isnull=False, settled_at=None)


def _settle(
    open_ones: QuerySet[Dispute],
    *,
    give_back: bool,
    by: str,
    words: str,
    lines: Sequence[NewEntry],
    now: datetime,
) -> None:
    """Let the roles go back or stay; the contacts are free again, and everybody is told why."""
    first = open_ones.first()
    if first is None:
        raise DisputeSettled
    services = lock_services(disputed_services(first.request_id))
    found = locked(open_ones).first()
    if found is None:
        raise DisputeSettled
    found.settled_at, found.given_back, found.decided_by = now, give_back, by
    found.save(update_fields=["settled_at", "given_back", "decided_by"])
    # Read before anything moves: whoever has a role until now is told too.
    contacts = contacts_of([service.pk for service in services])
    outcome.carry_out(found.request, contacts, give_back=give_back, now=now)
    thaw_contacts(_without_other_dispute(found, services), now=now)
    book = Book()
    book.add(*lines)
    for told in _concerned(found.request, contacts):
        book.add(_settled(found, told, by))
        mails.settled(found, told.account, told.about, words=words.strip(), act=Act.by_itself(now))
    book.write(now=now)


def _settled(found: Dispute, told: Told, by: str) -> NewEntry:
    details = {
        "actor": by,
        "outcome": "given_back" if found.given_back else "stands",
        "services": told.about.names,
        "case": found.case_number,
    }
    return NewEntry("contact.dispute_settled", told.account.pk, NOWHERE, details)


def _without_other_dispute(found: Dispute, services: Sequence[Service]) -> list[Service]:
    others = _undecided().exclude(pk=found.pk)
    items = Item.objects.filter(
        request__in=others.values("request_id"),
        service__in=services,
        state=Item.State.DONE,
        role__in=DISPUTABLE,
    )
    taken = set(items.values_list("service_id", flat=True))
    return [service for service in services if service.pk not in taken]


def _concerned(request: Request, contacts: Contacts) -> list[Told]:
    """Return the people of the hand-over, and whoever has a role on the services now."""
    people = (request.asker, request.from_account, request.to_account)
    parties = [account for account in people if account is not None]
    return audience(parties, _roles(request), contacts)


def _roles(request: Request) -> Mapping[int, set[str]]:
    roles: dict[int, set[str]] = {}
    for item in disputed_items(request.pk):
        roles.setdefault(item.service_id, set()).add(item.role)
    return roles
