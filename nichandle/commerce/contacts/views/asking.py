"""The contacts of one's services, and asking to change them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nichandle.commerce.contacts.forms import ChangeForm
from nichandle.commerce.contacts.requests import asking
from nichandle.commerce.services import queries
from nichandle.commerce.services.forms import FilterForm
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.permissions import changeable
from nichandle.commerce.services.words import ROLES
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse

LONGEST_NUMBER = 18
SIZE = 25
"""Services on a page; each stands there with four people."""


@require_safe
def contacts(request: CustomerRequest) -> HttpResponse:
    form, after = FilterForm.of(request.GET), request.GET.get("after", "")
    today = timezone.localdate()
    found, people = queries.mine_with_contacts(
        request.account.id, form.wanted(), today=today, after=after, size=SIZE
    )
    kept = form.query()
    shown = {
        "form": form,
        "rows": [(row, people[row.service.pk], _open(row)) for row in found.rows],
        "roles": ROLES.values(),
        "after": after,
        "first": urlencode(kept),
        "kept": kept.items(),
        "next": urlencode(kept | {"after": found.next}) if found.next else "",
        "most": asking.MOST,
    }
    return render(request, "contacts/list.html", shown)


def _open(row: queries.OwnService) -> bool:
    """Tell whether anything about a service's contacts can be asked by one with these roles."""
    ended = row.service.state == Service.State.TERMINATED
    return bool(changeable(row.roles)) and not ended and row.service.contacts_frozen_at is None


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_required
def change(request: CustomerRequest) -> HttpResponse:
    chosen = _chosen(request)
    held, left_out = _usable(request, chosen)
    roles = _changeable(held)
    if not held or not roles:
        messages.info(request, _("Choose services whose contacts you may change."))
        return redirect("contacts:list")
    services = ",".join(str(row.service.pk) for row in held)
    form = ChangeForm(roles, services, request.POST if request.method == "POST" else None)
    wanted = [number for number in chosen if number not in left_out]
    if form.is_valid() and _ask(request, form, wanted):
        return redirect("contacts:requests")
    shown = {"held": held[:20], "count": len(held), "more": max(len(held) - 20, 0)}
    shown |= {"roles": roles, "left_out": len(left_out)}
    return form_page(request, "contacts/change.html", shown, form=form)


def _usable(
    request: CustomerRequest, chosen: list[int]
) -> tuple[list[queries.OwnService], set[int]]:
    """Return what of the chosen can be changed now, and the keys of one's own that cannot."""
    mine = queries.own_services(request.account.id, chosen)
    held = [row for row in mine if _open(row)]
    return held, {row.service.pk for row in mine} - {row.service.pk for row in held}


def _chosen(request: CustomerRequest) -> list[int]:
    """Read which services are meant: a list, or all that a filter lets through."""
    if request.method == "POST":
        written = request.POST.get("services", "").split(",")
    elif request.GET.get("matching"):
        wanted = FilterForm.of(request.GET).wanted()
        today, most = timezone.localdate(), asking.MOST
        return queries.matching(request.account.id, wanted, today=today, most=most)
    else:
        written = request.GET.getlist("service")
    numbers = [one for one in written if one.isdecimal() and len(one) <= LONGEST_NUMBER]
    return list(dict.fromkeys(int(one) for one in numbers))[: asking.MOST + 1]


def _changeable(held: list[queries.OwnService]) -> list[str]:
    """Return the roles one may hand over on every one of these services."""
    each = [set(changeable(row.roles)) for row in held]
    return [role for role in ROLES if each and all(role in roles for roles in each)]


def _ask(request: CustomerRequest, form: ChangeForm, chosen: list[int]) -> bool:
    try:
        made = asking.ask(
            account_id=request.account.id,
            service_ids=chosen,
            named=form.named(),
            act=Act.of(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return False
    if asking.carried_out(made):
        messages.success(request, _("The roles are yours again."))
    else:
        said = _("Your request is written. Confirm it with the mail we are sending you.")
        messages.success(request, said)
    return True
