"""
Asking for a hand-over.

Services are locked before requests, and requests before accounts' ledgers, always in the order of
their keys. Whoever is named is looked up by the worker: the page takes as long, and says the same,
whether it is somebody or nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.commerce.contacts import naming
from nichandle.commerce.contacts.clock import LIFETIME
from nichandle.commerce.contacts.errors import (
    ContactsFrozen,
    ContactsNotChangeable,
    HigherRequestOpen,
    NothingToChange,
    RequestGone,
    ServiceEnded,
    TooManyServices,
)
from nichandle.commerce.contacts.lifecycle import endings
from nichandle.commerce.contacts.lifecycle.book import Book
from nichandle.commerce.contacts.models import Item, Request, Side
from nichandle.commerce.contacts.queries import service_ids as service_ids_of
from nichandle.commerce.contacts.requests import effect
from nichandle.commerce.contacts.rules import RANK, authority, roles_by_service, sides
from nichandle.commerce.services.models import Role, Service
from nichandle.commerce.services.obstacles import require_none
from nichandle.commerce.services.operations import lock_services
from nichandle.commerce.services.queries import contacts_of
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile
from nichandle.identity.handles.queries import keys_for, skeleton
from nichandle.identity.signin.authentication import candidates
from nichandle.platform.audit.operations import NewEntry
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.kernel.wording import text
from nichandle.platform.limits.operations import spend

MOST = 500
"""Services in one request."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is named for a role: as typed, with the key of an address, and whether it is oneself."""

    typed: str
    key: str = ""
    oneself: bool = False

    @property
    def same(self) -> str:
        """By which two are one, as far as can be told without looking anybody up."""
        return "" if self.oneself else self.key or skeleton(self.typed) or text.fold(self.typed)


@dataclass(frozen=True, slots=True)
class Wish:
    """One role on one service, who has it, who shall have it, and by which role that is asked."""

    service_id: int
    role: str
    present: Role
    newcomer: Newcomer
    authority: str

    @property
    def sides(self) -> tuple[str, ...]:
        return sides(role=self.role, for_oneself=self.newcomer.oneself)


def ask(
    *,
    account_id: UUID,
    service_ids: Collection[int],
    named: Mapping[str, str],
    act: Act,
    confirmed: bool = True,
) -> list[int]:
    """
    Ask to hand roles over; returns the keys of the requests, one for each pair of accounts.

    ``named`` tells for each role who is named, by identifier or address. A newer request for a
    role replaces the older one. Not ``confirmed`` (through the API) it sends nothing and starts
    no clock.

    :raises ContactsNotChangeable: when one of the roles is not this account's to give
    :raises NewcomerNotReadable: when what is named can be neither an identifier nor an address
    :raises NothingToChange: when everybody named has the role already
    :raises HigherRequestOpen: when somebody with a higher role has asked already
    :raises ContactsFrozen: while a dispute about a service's contacts is open
    :raises Exhausted: after 20 invitations in a day
    :raises Refused: the asker's own obstacle
    """
    asker = profile(account_id)
    newcomers = {role: _read(typed, asker) for role, typed in named.items() if typed.strip()}
    chosen = sorted(set(service_ids))
    if not newcomers or not chosen:
        raise NothingToChange
    if len(chosen) > MOST:
        raise TooManyServices(most=MOST)
    require_none(asker, now=act.now)
    return _ask(asker, chosen, newcomers, confirmed=confirmed, act=act)


def carried_out(request_ids: Collection[int]) -> bool:
    """Tell whether requests needed nobody and are done."""
    done = Request.objects.filter(pk__in=request_ids, state=Request.State.DONE)
    return done.count() == len(request_ids)


@transaction.atomic
def confirm(*, account_id: UUID, request_id: int, act: Act) -> None:
    """
    Let a request that was made through the API begin; the page has seen a fresh sign-in.

    :raises RequestGone: when it is over, or not this account's
    :raises ContactsNotChangeable: when a role is no longer this account's to give
    :raises ContactsFrozen: while a dispute about a service's contacts is open
    :raises ServiceEnded: when a service has been terminated meanwhile
    :raises Refused: the asker's own obstacle
    """
    services = lock_services(service_ids_of(request_id))
    found = locked(Request.objects.filter(pk=request_id, asker_id=account_id)).first()
    if found is None or found.state != Request.State.WRITTEN:
        raise RequestGone
    if found.confirmed_at is not None:
        return
    require_none(profile(account_id), now=act.now)
    wanted = _still_wanted(found, services)
    found.confirmed_at, found.expires_at = act.now, act.now + LIFETIME
    found.save(update_fields=["confirmed_at", "expires_at"])
    book = Book()
    _replace_older(account_id, wanted, book=book, now=act.now)
    Item.objects.filter(request=found).update(state=Item.State.OPEN)
    book.add(NewEntry("contact.confirmed", account_id, act.origin, {"request": found.pk}))
    begin(found, services, book=book, act=act)
    book.write(now=act.now)


def _still_wanted(request: Request, services: Sequence[Service]) -> dict[tuple[int, str], str]:
    """Judge anew what a program asked, maybe long ago; returns by which role each is asked."""
    _require_changeable(services)
    mine = roles_by_service(contacts_of([one.pk for one in services]), request.asker_id)
    wanted: dict[tuple[int, str], str] = {}
    for service_id, role in Item.objects.filter(request=request).values_list("service_id", "role"):
        by = authority(mine.get(service_id, set()), role)
        if by is None:
            raise ContactsNotChangeable
        wanted[service_id, role] = by
    return wanted


def begin(request: Request, services: Sequence[Service], *, book: Book, act: Act) -> None:
    """Start a confirmed request: carry out what needs nobody, let the worker tell the others."""
    if not Side.objects.filter(request=request).exists():
        effect.carry_out(request, services, book=book, act=act)
        return
    payload = {"request": request.pk, "ip": act.origin.ip or "", "agent": act.origin.agent}
    enqueue("contacts.send", payload, now=act.now)


@transaction.atomic
def _ask(
    asker: Account,
    service_ids: Sequence[int],
    newcomers: Mapping[str, Newcomer],
    *,
    confirmed: bool,
    act: Act,
) -> list[int]:
    services = lock_services(service_ids)
    wishes = _wishes(asker, services, service_ids, newcomers)
    book = Book()
    if confirmed:
        wanted = {(wish.service_id, wish.role): wish.authority for wish in wishes}
        _replace_older(asker.pk, wanted, book=book, now=act.now)
    for _newcomer in {wish.newcomer.same for wish in wishes if not wish.newcomer.oneself}:
        spend("contact.invite", key=str(asker.pk), now=act.now)
    made = [_write(asker, group, confirmed=confirmed, now=act.now) for group in _by_pair(wishes)]
    book.add(_asked(asker, made, wishes, act.origin))
    if confirmed:
        for request in made:
            begin(request, services, book=book, act=act)
    book.write(now=act.now)
    return [request.pk for request in made]


def _wishes(
    asker: Account,
    services: Sequence[Service],
    service_ids: Sequence[int],
    newcomers: Mapping[str, Newcomer],
) -> list[Wish]:
    """Judge every role on every service under the rules; all or nothing."""
    contacts = contacts_of(service_ids)
    mine = roles_by_service(contacts, asker.pk)
    if set(mine) != set(service_ids):
        raise ContactsNotChangeable
    _require_changeable(services)
    wishes = []
    for (service_id, role), row in sorted(contacts.items(), key=_in_order):
        newcomer = newcomers.get(role)
        if newcomer is None or _is(row.account, newcomer):
            continue
        by = authority(mine[service_id], role)
        if by is None:
            raise ContactsNotChangeable
        wishes.append(Wish(service_id, role, row, newcomer, by))
    if not wishes:
        raise NothingToChange
    return wishes


def _require_changeable(services: Sequence[Service]) -> None:
    if any(service.contacts_frozen_at for service in services):
        raise ContactsFrozen
    if any(service.state == Service.State.TERMINATED for service in services):
        raise ServiceEnded


def _in_order(one: tuple[tuple[int, str], Role]) -> tuple[int, int]:
    (service_id, role), _row = one
    return service_id, RANK[role]


def _is(holder: Account, newcomer: Newcomer) -> bool:
    """Tell whether the one named is known to have the role: by the identifier all contacts see."""
    return not newcomer.key and _meant(holder, newcomer.typed)


def _meant(account: Account, typed: str) -> bool:
    """Tell whether an account's identifier was typed as it is; the forgiving comes later."""
    exact = next(iter(keys_for(typed)), frozenset[str]())
    return bool(account.handle and account.handle.key in exact)


def _by_pair(wishes: Sequence[Wish]) -> list[list[Wish]]:
    groups: dict[tuple[UUID, str, tuple[str, ...]], list[Wish]] = {}
    for wish in wishes:
        pair = (wish.present.account_id, wish.newcomer.same, wish.sides)
        groups.setdefault(pair, []).append(wish)
    return list(groups.values())


def _write(asker: Account, group: Sequence[Wish], *, confirmed: bool, now: datetime) -> Request:
    first = group[0]
    request = Request.objects.create(
        state=Request.State.WRITTEN,
        asker=asker,
        from_account_id=first.present.account_id,
        to_account=asker if first.newcomer.oneself else None,
        named=first.newcomer.typed,
        newcomer_key="" if first.newcomer.oneself else first.newcomer.key,
        asked_at=now,
        confirmed_at=now if confirmed else None,
        expires_at=now + LIFETIME,
    )
    Side.objects.bulk_create(Side(request=request, who=who) for who in first.sides)
    state = Item.State.OPEN if confirmed else Item.State.WAITING
    Item.objects.bulk_create(
        [
            Item(
                request=request,
                service_id=wish.service_id,
                role=wish.role,
                authority=wish.authority,
                state=state,
            )
            for wish in group
        ],
        batch_size=MOST,
    )
    return request


def _replace_older(
    asker_id: UUID, wanted: Mapping[tuple[int, str], str], *, book: Book, now: datetime
) -> None:
    """
    Close what is asked for these roles already, unless somebody higher has asked it.

    ``wanted`` tells for each service and role by which role it is asked. Who has lost the role by
    which they asked is nobody higher any more.
    """
    rows = Item.objects.filter(
        service_id__in={service_id for service_id, _role in wanted}, state=Item.State.OPEN
    )
    older = [
        item for item in rows.select_related("request") if (item.service_id, item.role) in wanted
    ]
    contacts = contacts_of({item.service_id for item in older})
    for item in older:
        mine = wanted[item.service_id, item.role]
        higher = RANK[item.authority] < RANK[mine] and item.request.asker_id != asker_id
        present = contacts[item.service_id, item.authority].account_id
        if higher and present == item.request.asker_id:
            raise HigherRequestOpen
    endings.close_items([item.pk for item in older], "replaced", book=book, now=now)


def _asked(
    asker: Account, made: Sequence[Request], wishes: Sequence[Wish], origin: Origin
) -> NewEntry:
    roles = {wish.role for wish in wishes}
    details = {
        "roles": [role for role in RANK if role in roles],
        "count": len({wish.service_id for wish in wishes}),
        "named": sorted({request.named for request in made}),
    }
    return NewEntry("contact.asked", asker.pk, origin, details)


def _read(typed: str, asker: Account) -> Newcomer:
    """
    Read who is named, from its form alone; oneself in any spelling and by an older identifier.

    :raises NewcomerNotReadable: when it can be neither an identifier nor an address
    """
    written = naming.check(typed)
    if "@" not in written:
        # Only whether it is the asker is asked: of anybody else nothing is to be learnt from it.
        found = candidates.find(written)
        return Newcomer(written, oneself=found is not None and found.account_id == asker.pk)
    key = addresses.key(written)
    return Newcomer(written, key, oneself=key == asker.email_key)
