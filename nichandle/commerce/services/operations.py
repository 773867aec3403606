"""
What happens to services: created, changed, handed over.

Each writes the service's history and the ledger of everybody who has a role on it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.services import mails
from nichandle.commerce.services.models import NAME_LENGTH, Event, Role, Service
from nichandle.commerce.services.permissions import require
from nichandle.commerce.services.queries import concerned
from nichandle.commerce.services.words import ROLES
from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.audit.operations import NewEntry, record_all
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.kernel.wording.text import clean, fold

AT_ONCE = 500

FOLLOWS = {
    "creating": {"active", "terminated"},
    "active": {"suspended", "terminated"},
    "suspended": {"active", "terminated"},
    "terminated": set[str](),
}
"""Which state may follow which."""


class NameTaken(Refused):
    code = "service.name_taken"
    message = _("There is a service of this kind and name already.")


class StateNotPossible(Refused):
    code = "service.state_not_possible"
    message = _("A service in this state cannot go to that one.")


class ServiceTerminated(Refused):
    code = "service.terminated"
    message = _("This service is terminated: it renews no more.")


class ServiceInDispute(Refused):
    """Whoever has the roles for now must not use them up before it is decided whose they are."""

    code = "service.in_dispute"
    message = _(
        "The contacts of this service are in dispute: it is neither terminated nor transferred "
        "until customer service has decided."
    )
    status = 403


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the account whose own ledger tells from where, and its identifier for others."""

    account_id: UUID | None = None
    handle: str = ""
    origin: Origin = NOWHERE


NOBODY = Actor()
"""The product itself, the worker or the operator."""


@transaction.atomic
def create(
    *,
    product: str,
    name: str,
    account_id: UUID,
    period_months: int,
    now: datetime,
    contacts: Mapping[str, UUID] | None = None,
    expiry_date: date | None = None,
    renewal: str = Service.Renewal.AUTOMATIC,
    state: str = Service.State.CREATING,
    plan: str = "",
    by: Actor = NOBODY,
) -> Service:
    """
    Write a new service, ordered as ``plan``; the account has the roles ``contacts`` does not name.

    :raises NameTaken: when a service of this kind and name is not terminated
    """
    written = clean(name)[:NAME_LENGTH]
    service = Service(
        product=product,
        plan=plan,
        name=written,
        name_folded=fold(written)[:NAME_LENGTH],
        state=state,
        period_months=period_months,
        renewal=renewal,
        expiry_date=expiry_date,
        created_at=now,
    )
    _insert(service)
    _give_roles(service, {**dict.fromkeys(ROLES, account_id), **(contacts or {})}, now)
    _tell(service, "created", {}, by=by, now=now)
    tell_ledgers("service.created", concerned([service.pk]), by=by, now=now, service=service.name)
    return service


def _insert(service: Service) -> None:
    """:raises NameTaken: when its name is another service's"""
    try:
        with transaction.atomic():
            service.save(force_insert=True)
    except IntegrityError as taken:
        raise NameTaken from taken


def _give_roles(service: Service, accounts: Mapping[str, UUID], now: datetime) -> None:
    Role.objects.bulk_create(
        Role(
            service=service,
            role=role,
            account_id=account_id,
            since_at=now,
            name_folded=service.name_folded,
            product=service.product,
            state=service.state,
            expiry_date=service.expiry_date,
        )
        for role, account_id in accounts.items()
    )


@transaction.atomic
def change_state(*, service_id: int, state: str, now: datetime, by: Actor = NOBODY) -> None:
    """
    Bring a service into another state; those whom it concerns are told by mail.

    :raises StateNotPossible: when it cannot follow the present one
    :raises ServiceInDispute: when it would end while a dispute about its contacts is open
    """
    (service,) = lock_services([service_id])
    if service.state == state:
        return
    if state not in FOLLOWS[service.state]:
        raise StateNotPossible
    if state == Service.State.TERMINATED:
        require_undisputed(service)
    old, service.state = service.state, state
    service.save(update_fields=["state"])
    Role.objects.filter(service=service).update(state=state)
    _tell(service, "state", {"old": old, "new": state}, by=by, now=now)
    everybody = concerned([service.pk])
    tell_ledgers(
        "service.state_changed",
        everybody,
        by=by,
        now=now,
        service=service.name,
        state=state,
    )
    mails.state_changed(service, everybody, now=now)


@transaction.atomic
def set_expiry(*, service_id: int, expiry_date: date, now: datetime, by: Actor = NOBODY) -> None:
    """Set until when a service runs."""
    (service,) = lock_services([service_id])
    if service.expiry_date == expiry_date:
        return
    service.expiry_date = expiry_date
    service.save(update_fields=["expiry_date"])
    Role.objects.filter(service=service).update(expiry_date=expiry_date)
    _tell(service, "expiry", {"new": expiry_date.isoformat()}, by=by, now=now)
    tell_ledgers(
        "service.expiry_changed",
        concerned([service.pk]),
        by=by,
        now=now,
        service=service.name,
        until=expiry_date.isoformat(),
    )


@transaction.atomic
def set_renewal(*, service_id: int, account_id: UUID, renewal: str, act: Act) -> None:
    """
    Decide how a service renews.

    :raises permissions.NotYours: for roles that do not decide it
    :raises ServiceTerminated: when it renews no more
    """
    (service,) = lock_services([service_id])
    everybody = concerned([service.pk])
    account, roles = everybody.get(account_id, (None, set[str]()))
    require(roles, "renewal.change")
    if service.state == Service.State.TERMINATED:
        raise ServiceTerminated
    if service.renewal == renewal:
        return
    by = Actor(account_id, account.handle_text if account else "", act.origin)
    old, service.renewal = service.renewal, renewal
    service.save(update_fields=["renewal"])
    _tell(service, "renewal", {"old": old, "new": renewal}, by=by, now=act.now)
    tell_ledgers(
        "service.renewal_changed",
        everybody,
        by=by,
        now=act.now,
        service=service.name,
        renewal=renewal,
    )


@transaction.atomic
def change_plan(*, service_id: int, plan: str, now: datetime) -> None:
    """Make a service another plan from now on; what was wished for with the renewal is void."""
    (service,) = lock_services([service_id])
    if service.plan == plan:
        return
    old, service.plan, service.next_plan = service.plan, plan, ""
    service.save(update_fields=["plan", "next_plan"])
    _tell_plan(service, "plan", "service.plan_changed", {"old": old, "new": plan}, NOBODY, now)


def plan_next(service: Service, *, account_id: UUID, plan: str, act: Act) -> None:
    """
    Wish for another plan from the next renewal on; the caller holds the service.

    An empty ``plan`` takes the wish back.

    :raises permissions.NotYours: for roles that may not change it
    :raises ServiceTerminated: when it renews no more
    """
    account, roles = concerned([service.pk]).get(account_id, (None, set[str]()))
    require(roles, "plan.change")
    if service.state == Service.State.TERMINATED:
        raise ServiceTerminated
    if service.next_plan == plan:
        return
    service.next_plan = plan
    service.save(update_fields=["next_plan"])
    by = Actor(account_id, account.handle_text if account else "", act.origin)
    event, details = ("plan_next", {"new": plan}) if plan else ("plan_kept", dict[str, str]())
    _tell_plan(service, event, "service.plan_asked", details, by, act.now)


def _tell_plan(
    service: Service,
    event: str,
    act: LedgerAct,
    details: dict[str, str],
    by: Actor,
    now: datetime,
) -> None:
    Event.objects.create(service=service, at=now, act=event, by=by.handle, details=details)
    plan = details.get("new", service.plan)
    everybody = concerned([service.pk])
    tell_ledgers(act, everybody, by=by, now=now, service=service.name, plan=plan)


def require_undisputed(service: Service) -> None:
    """
    Ask before a service ends or leaves; the caller holds its row.

    :raises ServiceInDispute: while a dispute about its contacts is open
    """
    if service.contacts_frozen_at is not None:
        raise ServiceInDispute


def lock_services(service_ids: Collection[int]) -> list[Service]:
    """Lock services until the transaction ends, always in the same order; one statement."""
    return list(locked(Service.objects.filter(pk__in=service_ids).order_by("pk")))


def hand_over(
    pairs: Iterable[tuple[int, str]],
    *,
    old: tuple[UUID, str],
    new: tuple[UUID, str],
    by: str,
    now: datetime,
) -> None:
    """
    Give roles on services to another account; the caller holds the services and has decided.

    ``old`` and ``new`` are account and identifier, ``by`` the identifier of who asked. As many
    statements as there are roles, however many the services.
    """
    events, by_role = [], dict[str, list[int]]()
    for service_id, role in pairs:
        by_role.setdefault(role, []).append(service_id)
        details = {"role": role, "old": old[1], "new": new[1]}
        events.append(Event(service_id=service_id, at=now, act="contact", by=by, details=details))
    for role, service_ids in by_role.items():
        rows = Role.objects.filter(service_id__in=service_ids, role=role, account_id=old[0])
        rows.update(account_id=new[0], since_at=now)
    Event.objects.bulk_create(events, batch_size=AT_ONCE)


def freeze_contacts(services: Sequence[Service], *, now: datetime) -> None:
    """Let no contact of services change until the dispute about them is decided."""
    _set_frozen(services, now, "frozen", now=now)


def thaw_contacts(services: Sequence[Service], *, now: datetime) -> None:
    """Let the contacts of services be changed again."""
    _set_frozen(services, None, "thawed", now=now)


def tell_ledgers(
    act: LedgerAct,
    everybody: Iterable[UUID],
    *,
    by: Actor,
    now: datetime,
    **details: object,
) -> None:
    """
    Enter an act in the ledger of everybody concerned, once each, in few statements.

    From where it was done only the one who did it reads; the others read by whom.
    """
    lines = []
    for account_id in sorted(everybody):
        own = account_id == by.account_id
        told = details if own or not by.handle else {"actor": by.handle, **details}
        lines.append(NewEntry(act, account_id, by.origin if own else NOWHERE, told))
    record_all(lines, now=now)


def _line(
    act: LedgerAct, account_id: UUID, origin: Origin, details: Mapping[str, object]
) -> NewEntry:
    return NewEntry(act, account_id, origin, details)


def _tell(service: Service, act: str, details: dict[str, str], *, by: Actor, now: datetime) -> None:
    Event.objects.create(service=service, at=now, act=act, by=by.handle, details=details)


def _set_frozen(
    services: Sequence[Service], moment: datetime | None, act: str, *, now: datetime
) -> None:
    keys = [service.pk for service in services]
    Service.objects.filter(pk__in=keys).update(contacts_frozen_at=moment)
    Event.objects.bulk_create(
        [Event(service_id=key, at=now, act=act) for key in keys], batch_size=AT_ONCE
    )
