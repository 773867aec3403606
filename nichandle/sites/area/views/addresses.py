"""The page of the recovery addresses."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.identity.accounts import queries
from nichandle.identity.accounts.forms import CodeForm
from nichandle.identity.recovery import addresses
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.area.forms import RecoveryAddressForm


@require_http_methods(["GET", "HEAD", "POST"])
def recovery_addresses(request: CustomerRequest) -> HttpResponse:
    if request.method == "POST":
        return _add(request)
    return _page(request, RecoveryAddressForm())


@fresh_required
def _add(request: CustomerRequest) -> HttpResponse:
    form = RecoveryAddressForm(request.POST)
    if form.is_valid():
        try:
            added = addresses.add(
                account_id=request.account.id,
                address=form.cleaned_data["address"],
                act=Act.of(request),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("area:prove_recovery_address", which=added.pk)
    return _page(request, form)


def _page(request: CustomerRequest, form: RecoveryAddressForm) -> HttpResponse:
    rows, now = queries.recovery_addresses(request.account.id), timezone.now()
    shown = [{"row": row, "established": row.established(now)} for row in rows]
    return form_page(request, "area/recovery_addresses.html", {"addresses": shown}, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: CustomerRequest, which: int) -> HttpResponse:
    account_id, now = request.account.id, timezone.now()
    if request.method != "POST" or addresses.of_creation(account_id, which, now=now):
        return _prove_page(request, which)
    return _prove_fresh(request, which)


@fresh_required
def _prove_fresh(request: CustomerRequest, which: int) -> HttpResponse:
    return _prove_page(request, which)


def _prove_page(request: CustomerRequest, which: int) -> HttpResponse:
    rows = {row.pk: row for row in queries.recovery_addresses(request.account.id)}
    if which not in rows or rows[which].proven_at is not None:
        return redirect("area:recovery_addresses")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _prove(request, which, form):
        messages.success(request, _("Your recovery address is proven."))
        return redirect("area:recovery_addresses")
    shown = {"address": rows[which], "undelivered": queries.undelivered_to(rows[which])}
    return form_page(request, "area/prove_recovery_address.html", shown, form=form)


def _prove(request: CustomerRequest, which: int, form: CodeForm) -> bool:
    try:
        addresses.prove(
            account_id=request.account.id,
            code=form.cleaned_data["code"],
            which=which,
            act=Act.of(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return False
    return True


@require_POST
@fresh_required
def remove(request: CustomerRequest, which: int) -> HttpResponse:
    return _act(request, addresses.remove, which, _("The recovery address is removed."))


@require_POST
def send_again(request: CustomerRequest, which: int) -> HttpResponse:
    if addresses.of_creation(request.account.id, which, now=timezone.now()):
        return _send_again(request, which)
    return fresh_required(_send_again)(request, which)


def _send_again(request: CustomerRequest, which: int) -> HttpResponse:
    return _act(request, addresses.send_again, which, _("A new code is on its way."))


def _act(
    request: CustomerRequest, operation: Callable[..., None], which: int, said: str
) -> HttpResponse:
    try:
        operation(
            account_id=request.account.id,
            which=which,
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("area:recovery_addresses")
