"""The page of a change of address, for who is signed in."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.identity.accounts.forms import CodeForm
from nichandle.identity.emailchange import errors, operations, queries
from nichandle.identity.emailchange.forms import AddressForm, ProofCodeForm
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome import endings, proving
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import (
    CustomerRequest,
    browser_secret,
    session_key,
)
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.durations import HOUR, whole
from nichandle.platform.ui.pages import form_page, refuse

FORM_METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(FORM_METHODS)
def address(request: CustomerRequest) -> HttpResponse:
    if request.method == "POST":
        return _ask(request)
    return _page(request, AddressForm())


@fresh_required
def _ask(request: CustomerRequest) -> HttpResponse:
    form = AddressForm(request.POST)
    if form.is_valid():
        try:
            return _asked(request, form.cleaned_data["address"])
        except Refused as refusal:
            refuse(form, refusal)
    return _page(request, form)


def _asked(request: CustomerRequest, address: str) -> HttpResponse:
    """Ask for the change, or have customer service decide it, and go where it is followed."""
    account_id, act = request.account.id, Act.of(request)
    if request.POST.get("by") == "case":
        secret = operations.ask_for_decision(account_id=account_id, address=address, act=act)
        return redirect("recovery:case", secret=secret)
    browser = browser_secret(request)
    operations.request_change(account_id=account_id, address=address, browser=browser, act=act)
    return redirect("emailchange:address")


def _page(
    request: CustomerRequest, form: AddressForm, proof_form: ProofCodeForm | None = None
) -> HttpResponse:
    now = timezone.now()
    shown = {
        "address_form": form,
        "proof_form": proof_form or ProofCodeForm(),
        "progress": queries.progress(request.account.id, now=now),
        "silence": queries.silence_for(request.account.id),
        "often_vetoed": queries.often_vetoed(request.account.id, now=now),
        "now": now,
    }
    return form_page(request, "emailchange/address.html", shown, form=proof_form or form)


@require_POST
def prove(request: CustomerRequest) -> HttpResponse:
    if queries.open_change(request.account.id) is None:
        messages.info(request, str(errors.NoOpenChange()))
        return redirect("emailchange:address")
    form = ProofCodeForm(request.POST)
    if form.is_valid() and _prove(request, form):
        return redirect("emailchange:address")
    return _page(request, AddressForm(), form)


def _prove(request: CustomerRequest, form: ProofCodeForm) -> bool:
    try:
        change = proving.prove_by_code(
            account_id=request.account.id,
            code=form.cleaned_data["code"],
            key=session_key(request),
            act=Act.of(request),
        )
    except errors.NoOpenChange as refusal:
        messages.error(request, str(refusal))
        return True
    except Refused as refusal:
        refuse(form, refusal)
        return False
    if change.state == Change.State.DONE:
        _say_changed(request, change)
    else:
        messages.success(request, _("The new address is confirmed."))
    return True


def _say_changed(request: CustomerRequest, change: Change) -> None:
    said = _("Your primary address is now %(address)s.") % {
        "address": addresses.shown(change.new_address)
    }
    messages.success(request, said)


@never_cache
@require_http_methods(FORM_METHODS)
def code(request: CustomerRequest) -> HttpResponse:
    progress = queries.progress(request.account.id, now=timezone.now())
    if progress is None:
        messages.info(request, str(errors.NoOpenChange()))
        return redirect("emailchange:address")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _approve(request, form):
        return redirect("emailchange:address")
    return form_page(request, "emailchange/code.html", {"progress": progress}, form=form)


def _approve(request: CustomerRequest, form: CodeForm) -> bool:
    try:
        change = operations.confirm_code(
            account_id=request.account.id,
            code=form.cleaned_data["code"],
            key=session_key(request),
            act=Act.of(request),
        )
    except (errors.NoOpenChange, errors.CodesSpent) as refusal:
        messages.error(request, str(refusal))
        return True
    except Refused as refusal:
        refuse(form, refusal)
        return False
    if change.state == Change.State.DONE:
        _say_changed(request, change)
    elif change.frozen_at is not None:
        said = _("The code is right. The change waits until your account is open again.")
        messages.success(request, said)
    else:
        messages.success(request, _("The code is right. Now the new address has to be proven."))
    return True


@require_POST
def again(request: CustomerRequest) -> HttpResponse:
    proof_wanted = request.POST.get("what") == "proof"
    operation = operations.send_proof_again if proof_wanted else operations.send_code_again
    return _act(request, operation, _("It is on its way. The one before is void."))


@require_POST
def withdraw(request: CustomerRequest) -> HttpResponse:
    return _act(request, endings.withdraw, _("The change is withdrawn: your address stays."))


@require_POST
def veto(request: CustomerRequest) -> HttpResponse:
    # Whoever is signed in may refuse: it is never paused and asks for no password again.
    try:
        endings.veto_signed_in(account_id=request.account.id, act=Act.of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("emailchange:address")
    return render(request, "emailchange/vetoed_signed_in.html")


@require_POST
@fresh_required
def resume(request: CustomerRequest) -> HttpResponse:
    hours = whole(queries.silence_for(request.account.id), HOUR)
    said = ngettext(
        "The change goes on; the hour begins anew.",
        "The change goes on; the %(hours)s hours begin anew.",
        hours,
    )
    return _act(request, endings.resume, said % {"hours": hours})


def _act(request: CustomerRequest, operation: Callable[..., None], said: str) -> HttpResponse:
    try:
        operation(account_id=request.account.id, act=Act.of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("emailchange:address")
