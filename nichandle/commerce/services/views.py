"""One's services, and the page of one service."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nichandle.commerce.services import operations, queries
from nichandle.commerce.services.forms import FilterForm
from nichandle.commerce.services.models import Event, Service
from nichandle.commerce.services.permissions import allows, changeable, explained
from nichandle.commerce.services.words import OWNER, RENEWALS, ROLES, ROLES_EXPLAINED
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.paging import Page


@require_safe
def services(request: CustomerRequest) -> HttpResponse:
    form = FilterForm.of(request.GET)
    order = "expiry" if request.GET.get("order") == "expiry" else "name"
    after = request.GET.get("after", "")
    found = queries.mine(
        request.account.id, form.wanted(), today=timezone.localdate(), order=order, after=after
    )
    shown = {"form": form, "found": found, "order": order, "after": after}
    shown |= _addresses(form, order, found.next) | {"today": timezone.localdate()}
    return render(request, "services/list.html", shown)


def _addresses(form: FilterForm, order: str, following: str | None) -> dict[str, str]:
    """Return what follows the question mark in the page's links to itself."""
    kept, by_expiry = form.query(), {"order": "expiry"}
    here = kept | (by_expiry if order == "expiry" else {})
    return {
        "first": urlencode(here),
        "next": urlencode(here | {"after": following}) if following else "",
        "by_name": urlencode(kept),
        "by_expiry": urlencode(kept | by_expiry),
    }


@require_safe
def service(request: CustomerRequest, service_id: int) -> HttpResponse:
    seen, events = _seen(request, service_id)
    ended = seen.service.state == Service.State.TERMINATED
    frozen = seen.service.contacts_frozen_at is not None
    shown = {
        "service": seen.service,
        "contacts": [(row, ROLES_EXPLAINED[row.role]) for row in seen.contacts.values()],
        "others": any(row.account_id != request.account.id for row in seen.contacts.values()),
        "mine": [ROLES[role] for role in seen.mine],
        "permissions": explained(seen.mine, terminated=ended, frozen=frozen),
        "events": events,
        "renewals": RENEWALS.items(),
        "may_renew": allows(seen.mine, "renewal.change") and not ended,
        "may_change_plan": allows(seen.mine, "plan.change") and not ended,
        "may_change": changeable(seen.mine) and not ended and not frozen,
        # Invoices are addressed to the owner, and seen by whoever pays them.
        "may_see_invoices": OWNER in seen.mine or allows(seen.mine, "invoice.see"),
        "today": timezone.localdate(),
    }
    return render(request, "services/service.html", shown)


def _seen(request: CustomerRequest, service_id: int) -> tuple[queries.SeenService, Page[Event]]:
    after = request.GET.get("after", "")
    found = queries.seen_with_events(request.account.id, service_id, after=after)
    if found is None:
        raise Http404
    return found


@require_POST
def renewal(request: CustomerRequest, service_id: int) -> HttpResponse:
    wanted = request.POST.get("renewal", "")
    if queries.seen(request.account.id, service_id) is None or wanted not in Service.Renewal:
        raise Http404
    try:
        operations.set_renewal(
            service_id=service_id,
            account_id=request.account.id,
            renewal=wanted,
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The renewal is as you wish."))
    return redirect("services:service", service_id=service_id)
