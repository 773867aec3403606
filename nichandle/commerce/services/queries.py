"""Reading services: one's list, one service with its contacts, the recipients of a mail."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise

from nichandle.commerce.services.models import NAME_LENGTH, Event, Role, Service
from nichandle.commerce.services.permissions import PERMISSIONS, RECIPIENTS, ServiceAction, allows
from nichandle.commerce.services.products import PRODUCTS
from nichandle.commerce.services.words import OWNER, ROLES, ROLES_SHORT, STATES
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import handle_of, handles_of
from nichandle.platform.kernel.database import stored_uuid
from nichandle.platform.kernel.paging import Page
from nichandle.platform.kernel.reading.questions import answered, ask, question
from nichandle.platform.kernel.wording.text import fold

SIZE = 50
EVENTS_SHOWN = 50
SOON = {"30": timedelta(days=30), "90": timedelta(days=90)}
PAST = "past"
ORDERS = ("name", "expiry")
LARGEST_KEY, LONGEST_KEY = 2**63 - 1, 18
Place = tuple[int, str | date | None]
"""Where a list stands: a service, and what the list is in the order of."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What of one's services is wanted; what no list knows wants everything."""

    text: str = ""
    product: str = ""
    state: str = ""
    role: str = ""
    expiry: str = ""

    @property
    def narrow(self) -> bool:
        return any((self.text, self.product, self.state, self.role, self.expiry))


@dataclass(frozen=True, slots=True)
class OwnService:
    """A service and the roles one has on it, the highest first."""

    service: Service
    roles: tuple[str, ...]

    @property
    def role_words(self) -> list[str]:
        return [str(ROLES_SHORT[role]) for role in self.roles]


class Contact(NamedTuple):
    """Who has a role on a service, as a list of many shows it."""

    role: str
    account_id: UUID
    handle: str

    @property
    def role_word(self) -> str | Promise:
        return ROLES[self.role]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of one's services; ``next`` asks for the one after it."""

    rows: list[OwnService]
    next: str | None


@dataclass(frozen=True, slots=True)
class SeenService:
    """One service as somebody with a role on it sees it."""

    service: Service
    contacts: dict[str, Role]
    mine: tuple[str, ...] = field(default=())


def mine(
    account_id: UUID,
    wanted: Filter,
    *,
    today: date,
    order: str = "name",
    after: str = "",
    size: int = SIZE,
) -> Found:
    """
    Return one page of the services on which an account has a role.

    One round trip where nothing is filtered, else three statements, however many there are: each
    service has at most four of the rows read, which lie side by side in one index. In the order of
    expiry those without one come last, by a statement more.
    """
    if order == "name" and not wanted.narrow:
        return _one_page(account_id, after, size)[0]
    rows = _wanted(account_id, wanted, today)
    if order == "expiry":
        services = _by_expiry(rows, after, size + 1)
    else:
        services = _first(_after(rows, "name_folded", after), "name_folded", size + 1)
    shown = services[:size]
    following = f"{shown[-1][0]}:{shown[-1][1] or ''}" if len(services) > size else None
    return Found(own_services(account_id, [number for number, _value in shown]), following)


def mine_with_contacts(
    account_id: UUID, wanted: Filter, *, today: date, after: str, size: int
) -> tuple[Found, Mapping[int, list[Contact]]]:
    """Return what ``mine`` does in the order of names, with who has each role on the services."""
    if not wanted.narrow:
        return _one_page(account_id, after, size, with_contacts=True)
    found = mine(account_id, wanted, today=today, after=after, size=size)
    return found, shown_contacts([row.service.pk for row in found.rows])


def _one_page(
    account_id: UUID, after: str, size: int, *, with_contacts: bool = False
) -> tuple[Found, Mapping[int, list[Contact]]]:
    number, _colon, name = after.partition(":")
    behind = (name, int(number)) if number.isdecimal() and len(number) <= LONGEST_KEY else ("", 0)
    services = _services_of_page(account_id, *behind, size + 1)
    roles = _roles_of_page(account_id, *behind, size + 1)
    people = _people_of_page(account_id, *behind, size + 1)
    ask(services, roles, *([people] if with_contacts else []))
    held: dict[int, list[str]] = {}
    for service_id, role in roles.answer:
        held.setdefault(service_id, []).append(role)
    shown = services.answer[:size]
    rows = [OwnService(service, _ranked(held[service.pk])) for service in shown]
    more = len(services.answer) > size
    following = f"{shown[-1].pk}:{shown[-1].name_folded}" if more else None
    return Found(rows, following), _by_service(people.answer) if with_contacts else {}


_PAGE = """
    SELECT service_id FROM services_role
     WHERE account_id = %s AND (name_folded, service_id) > (%s, %s)
     GROUP BY name_folded, service_id ORDER BY name_folded, service_id LIMIT %s
"""
"""One page of one's services: by one range of the index ``services_by_name``, and no more of it."""


def _of_page(account_id: UUID, name: str, number: int, size: int) -> RawSQL:
    return RawSQL(_PAGE, [stored_uuid(account_id), name, number, size])  # noqa: S611 - a constant


@question
def _services_of_page(account_id: UUID, name: str, number: int, size: int) -> QuerySet[Service]:
    rows = Service.objects.filter(pk__in=_of_page(account_id, name, number, size))
    return rows.order_by("name_folded", "pk")


@question
def _roles_of_page(
    account_id: UUID, name: str, number: int, size: int
) -> QuerySet[Role, tuple[int, str]]:
    rows = Role.objects.filter(service_id__in=_of_page(account_id, name, number, size))
    return rows.filter(account_id=account_id).values_list("service_id", "role")


@question
def _people_of_page(
    account_id: UUID, name: str, number: int, size: int
) -> QuerySet[Role, tuple[int, str, UUID, str]]:
    # A look-up for each: joined to accounts, PostgreSQL would read every account there is.
    rows = Role.objects.filter(service_id__in=_of_page(account_id, name, number, size))
    return rows.values_list("service_id", "role", "account_id", handle_of("account_id"))


def matching(account_id: UUID, wanted: Filter, *, today: date, most: int) -> list[int]:
    """Return the keys of one's services under a filter, in the order of names, at most ``most``."""
    keys = _wanted(account_id, wanted, today).order_by("name_folded", "service_id")
    found = keys.values_list("service_id", flat=True)[: most * len(ROLES)]
    return list(dict.fromkeys(found))[:most]


def own_services(account_id: UUID, service_ids: Sequence[int]) -> list[OwnService]:
    """Return services in the order given with an account's roles on each; two statements."""
    rows = Role.objects.filter(account_id=account_id, service_id__in=service_ids)
    roles: dict[int, list[str]] = {}
    for service_id, role in rows.values_list("service_id", "role"):
        roles.setdefault(service_id, []).append(role)
    services = by_key(roles)
    return [
        OwnService(services[number], _ranked(roles[number]))
        for number in service_ids
        if number in services
    ]


def in_other_hands(service_ids: Collection[int], owner: UUID) -> list[str]:
    """Return the names of those services that are alive and belong to another account."""
    rows = Role.objects.filter(service_id__in=service_ids, role=OWNER).exclude(account_id=owner)
    alive = rows.exclude(state=Service.State.TERMINATED).select_related("service")
    return [row.service.name for row in alive.order_by("service")]


def seen(account_id: UUID, service_id: int) -> SeenService | None:
    """Return a service with its contacts; None for whoever has no role on it."""
    if service_id > LARGEST_KEY:
        return None
    rows = answered(_roles_on(service_id))
    return _seen(account_id, rows)


def seen_with_events(
    account_id: UUID, service_id: int, *, after: str = ""
) -> tuple[SeenService, Page[Event]] | None:
    """Return what ``seen`` does with one page of the history, newest first; one round trip."""
    if service_id > LARGEST_KEY:
        return None
    before = int(after) if after.isdecimal() and len(after) <= LONGEST_KEY else None
    roles, events = _roles_on(service_id), _events(service_id, before)
    ask(roles, events)
    shown, rows = _seen(account_id, roles.answer), events.answer[:EVENTS_SHOWN]
    following = str(rows[-1].pk) if len(events.answer) > EVENTS_SHOWN else None
    return (shown, Page(rows, following)) if shown else None


@question
def _roles_on(service_id: int) -> QuerySet[Role]:
    rows = Role.objects.filter(service_id=service_id)
    return rows.select_related("service", "account__handle")


@question
def _events(service_id: int, before: int | None) -> QuerySet[Event]:
    rows = Event.objects.filter(service_id=service_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.order_by("-pk")[: EVENTS_SHOWN + 1]


def _seen(account_id: UUID, rows: Iterable[Role]) -> SeenService | None:
    found = {row.role: row for row in rows}
    roles = _ranked(role for role, row in found.items() if row.account_id == account_id)
    if not allows(roles, "service.see"):
        return None
    return SeenService(found[roles[0]].service, {role: found[role] for role in ROLES}, roles)


def by_key(service_ids: Iterable[int]) -> dict[int, Service]:
    """Return services by their keys; whose they are has to be asked apart."""
    return Service.objects.in_bulk(list(service_ids))


def contacts_of(service_ids: Collection[int]) -> dict[tuple[int, str], Role]:
    """Return every role on services, by service and role, with accounts and identifiers."""
    rows = Role.objects.filter(service_id__in=service_ids)
    return {
        (row.service_id, row.role): row for row in rows.select_related("service", "account__handle")
    }


def shown_contacts(service_ids: Collection[int]) -> dict[int, list[Contact]]:
    """
    Return who has each role on services, the highest role first; two light statements.

    Not one: roles joined to accounts make PostgreSQL read every account there is.
    """
    rows = Role.objects.filter(service_id__in=service_ids)
    roles_held = list(rows.values_list("service_id", "role", "account_id"))
    handles = handles_of({account_id for _service, _role, account_id in roles_held})
    return _by_service(
        (service_id, role, account_id, handles[account_id])
        for service_id, role, account_id in roles_held
    )


def _by_service(people: Iterable[tuple[int, str, UUID, str | None]]) -> dict[int, list[Contact]]:
    found: dict[int, dict[str, Contact]] = {}
    for service_id, role, account_id, handle in people:
        found.setdefault(service_id, {})[role] = Contact(role, account_id, handle or "")
    return {number: [roles[role] for role in ROLES] for number, roles in found.items()}


def roles_allowing(account_id: UUID, action: ServiceAction) -> QuerySet[Role]:
    """Return the roles by which an account may do something, each with since when it has it."""
    return Role.objects.filter(account_id=account_id, role__in=PERMISSIONS[action].roles)


def recipients(service_ids: Collection[int], kind: str) -> list[Account]:
    """
    Return whom a mail of this kind about services goes to, each once.

    :raises KeyError: when the kind is not in ``permissions.RECIPIENTS``
    """
    return [account for account, _roles in concerned(service_ids, RECIPIENTS[kind]).values()]


def concerned(
    service_ids: Collection[int], roles: Collection[str] = tuple(ROLES)
) -> Mapping[UUID, tuple[Account, set[str]]]:
    """Return the accounts with one of these roles on services, each with the roles it has."""
    found: dict[UUID, tuple[Account, set[str]]] = {}
    rows = Role.objects.filter(service_id__in=service_ids, role__in=roles)
    for row in rows.select_related("account__handle").order_by("account_id"):
        found.setdefault(row.account_id, (row.account, set()))[1].add(row.role)
    return found


def _wanted(account_id: UUID, wanted: Filter, today: date) -> QuerySet[Role]:
    rows = Role.objects.filter(account_id=account_id)
    if wanted.role in ROLES:
        rows = rows.filter(role=wanted.role)
    if wanted.product in PRODUCTS:
        rows = rows.filter(product=wanted.product)
    if wanted.state in STATES:
        rows = rows.filter(state=wanted.state)
    if wanted.expiry in SOON:
        rows = rows.filter(expiry_date__range=(today, today + SOON[wanted.expiry]))
    elif wanted.expiry == PAST:
        rows = rows.filter(expiry_date__lt=today)
    text = fold(wanted.text)[:NAME_LENGTH]
    return rows.filter(name_folded__contains=text) if text else rows


def _first(rows: QuerySet[Role], order: str, most: int) -> list[Place]:
    keys = rows.order_by(order, "service_id").values_list("service_id", order)
    # The rows of one service are neighbours; the last may be cut short, and is beyond the page.
    return [key for key, _same in groupby(keys[: most * len(ROLES)])][:most]


def _by_expiry(rows: QuerySet[Role], after: str, most: int) -> list[Place]:
    """Return services in the order of their expiry, those without one behind all others."""
    number, colon, day = after.partition(":")
    undated = rows.filter(expiry_date=None)
    if colon and not day and number.isdecimal() and len(number) <= 18:
        return _first(undated.filter(service_id__gt=int(number)), "expiry_date", most)
    dated = rows.filter(expiry_date__isnull=False)
    found = _first(_after(dated, "expiry_date", after), "expiry_date", most)
    if len(found) < most:
        found += _first(undated, "expiry_date", most - len(found))
    return found


def _after(rows: QuerySet[Role], first: str, after: str) -> QuerySet[Role]:
    """Begin behind the key of the page before; what is none begins at the beginning."""
    number, _colon, text = after.partition(":")
    if not number.isdecimal() or len(number) > 18:
        return rows
    value: str | date = text
    if first == "expiry_date":
        try:
            value = date.fromisoformat(text)
        except ValueError:
            return rows
    beyond = Q(**{f"{first}__gt": value}) | Q(**{first: value, "service_id__gt": int(number)})
    # The first condition alone is what an index can begin with.
    return rows.filter(**{f"{first}__gte": value}).filter(beyond)


def _ranked(roles: Iterable[str]) -> tuple[str, ...]:
    here = set(roles)
    return tuple(role for role in ROLES if role in here)
