"""The plan of a service: what of the catalogue it is now, and from its next renewal on."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.commerce.services.models import Event, Service
from nichandle.commerce.services.operations import (
    NOBODY,
    Actor,
    ServiceTerminated,
    lock_services,
    tell_ledgers,
)
from nichandle.commerce.services.permissions import require
from nichandle.commerce.services.queries import concerned
from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.kernel.act import Act


@transaction.atomic
def change_plan(*, service_id: int, plan: str, now: datetime) -> None:
    """Make a service another plan from now on; what was wished for with the renewal is void."""
    (service,) = lock_services([service_id])
    if service.plan == plan:
        return
    old, service.plan, service.next_plan = service.plan, plan, ""
    service.save(update_fields=["plan", "next_plan"])
    _tell(service, "plan", "service.plan_changed", {"old": old, "new": plan}, NOBODY, now)


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
    _tell(service, event, "service.plan_asked", details, by, act.now)


def _tell(
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
