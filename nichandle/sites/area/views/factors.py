"""The pages on which one sets up second factors and takes them away."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.identity.accounts.passwords import SHORT
from nichandle.identity.accounts.queries import profile
from nichandle.identity.factors import ceremony, totp
from nichandle.identity.factors.forms import (
    FACTOR_FORMS,
    FactorForm,
    NameForm,
    NewAppForm,
    NewKeyForm,
)
from nichandle.identity.factors.models import SecurityKey, Totp
from nichandle.identity.factors.operations import SetUpAlready
from nichandle.identity.factors.queries import Factors, factors_of, trusted_browsers
from nichandle.identity.factors.recovery_codes import written_set
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.credentials.pausing import lift_with_factor
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest, session_key, visit
from nichandle.identity.signin.sessions.middleware import enrolment_allowed
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.area.codes import codes_as_text

FORM_METHODS = ["GET", "HEAD", "POST"]


@enrolment_allowed
@require_safe
def factors(request: CustomerRequest) -> HttpResponse:
    now = timezone.now()
    shown = {
        "factors": factors_of(request.account.id),
        "trusted": trusted_browsers(request.account.id, now=now),
        "now": now,
    }
    return render(request, "area/factors.html", shown)


@enrolment_allowed
@require_http_methods(FORM_METHODS)
@fresh_required
def new_app(request: CustomerRequest) -> HttpResponse:
    now, account = timezone.now(), request.account
    form = NewAppForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _add_app(request, form)):
        return answer
    sealed = request.POST.get("setup", "")
    setup = totp.opened_setup(sealed, account.id, now=now) or totp.new_setup(account.id, now=now)
    drawn = totp.qr_code(totp.address(setup.seed, account.handle))
    # Drawn by us: black squares, nothing that anybody typed.
    shown = {"setup": setup, "qr": mark_safe(drawn)}  # noqa: S308 - as said above
    return form_page(request, "area/factor_app.html", shown, form=form)


def _add_app(request: CustomerRequest, form: NewAppForm) -> HttpResponse | None:
    try:
        codes = enrolment.add_app(
            request.account.id,
            sealed=form.cleaned_data["setup"],
            name=form.cleaned_data["name"],
            code=form.cleaned_data["code"],
            key=session_key(request) or "",
            visit=visit(request),
        )
    except SetUpAlready as twice:
        messages.info(request, str(twice))
        return redirect("area:factors")
    except Refused as refusal:
        refuse(form, refusal)
        return None
    return _added(request, codes, form.cleaned_data["name"])


@enrolment_allowed
@require_http_methods(FORM_METHODS)
@fresh_required
def new_key(request: CustomerRequest) -> HttpResponse:
    form = NewKeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _add_key(request, form)):
        return answer
    account = request.account
    asked = ceremony.ask_to_register(
        account.id,
        handle=account.handle,
        name=account.name,
        keys=factors_of(account.id).keys,
        now=timezone.now(),
    )
    return form_page(request, "area/factor_key.html", {"ceremony": asked}, form=form)


def _add_key(request: CustomerRequest, form: NewKeyForm) -> HttpResponse | None:
    try:
        codes = enrolment.add_key(
            request.account.id,
            **form.cleaned_data,
            key=session_key(request) or "",
            visit=visit(request),
        )
    except SetUpAlready as twice:
        messages.info(request, str(twice))
        return redirect("area:factors")
    except Refused as refusal:
        refuse(form, refusal)
        return None
    return _added(request, codes, form.cleaned_data["name"])


def _added(request: CustomerRequest, codes: list[str], name: str) -> HttpResponse:
    messages.success(request, _("“%(name)s” is set up.") % {"name": name})
    # Shown in the answer itself: they are kept nowhere, and so can be shown only once.
    return _show_codes(request, codes) if codes else redirect("area:factors")


@enrolment_allowed
@require_http_methods(FORM_METHODS)
@fresh_required
def codes(request: CustomerRequest) -> HttpResponse:
    present = factors_of(request.account.id)
    if not present.any:
        raise Http404
    if not present.methods:
        return render(request, "signin/no_factor.html")
    form = _proof_form(request, present)
    if form.is_valid() and (made := _make_codes(request, form)):
        return _show_codes(request, made)
    return _proof_page(request, "area/factor_codes.html", {"factors": present}, present, form)


def _make_codes(request: CustomerRequest, form: FactorForm) -> list[str]:
    try:
        return enrolment.make_codes(
            request.account.id,
            answer=form.answer(),
            key=session_key(request) or "",
            visit=visit(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return []


def _show_codes(request: CustomerRequest, made: list[str]) -> HttpResponse:
    return render(request, "area/factor_codes_shown.html", {"codes": made})


@enrolment_allowed
@require_POST
def codes_file(request: CustomerRequest) -> HttpResponse:
    # What is kept nowhere can only come back from the page that shows it.
    made = written_set(request.POST.getlist("code"))
    if made is None:
        raise Http404
    written = codes_as_text(made, handle=request.account.handle)
    response = HttpResponse(written, content_type="text/plain; charset=utf-8")
    name = f"{request.account.handle}.txt"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@enrolment_allowed
@require_http_methods(FORM_METHODS)
def rename(request: CustomerRequest, kind: str, factor_id: int) -> HttpResponse:
    factor = _own(request, kind, factor_id)
    form = NameForm(
        request.POST if request.method == "POST" else None, initial={"name": factor.name}
    )
    if form.is_valid():
        _rename(request, factor, form.cleaned_data["name"])
        return redirect("area:factors")
    return form_page(request, "area/factor_name.html", {"factor": factor}, form=form)


def _rename(request: CustomerRequest, factor: Totp | SecurityKey, name: str) -> None:
    try:
        enrolment.rename(
            request.account.id,
            kind=factor.kind,
            factor_id=factor.pk,
            name=name,
            visit=visit(request),
        )
    except enrolment.FactorGone as gone:
        # Removed in another tab while this page was open.
        messages.error(request, str(gone))


@enrolment_allowed
@require_http_methods(FORM_METHODS)
@fresh_required
def remove(request: CustomerRequest, kind: str, factor_id: int) -> HttpResponse:
    factor = _own(request, kind, factor_id)
    others = factors_of(request.account.id).without(factor)
    shown = {"factor": factor, "last": not others.any}
    if not others.methods:
        return render(request, "area/factor_alone.html", shown)
    short = profile(request.account.id).password_length_class == SHORT
    form = _proof_form(request, others, password=short and not others.any)
    if form.is_valid() and _remove(request, factor, form):
        messages.success(request, _("“%(name)s” is removed.") % {"name": factor.name})
        return redirect("area:factors")
    return _proof_page(request, "area/factor_remove.html", shown, others, form)


def _remove(request: CustomerRequest, factor: Totp | SecurityKey, form: FactorForm) -> bool:
    try:
        enrolment.remove(
            request.account.id,
            kind=factor.kind,
            factor_id=factor.pk,
            answer=form.answer(),
            password=form.cleaned_data.get("password", ""),
            key=session_key(request) or "",
            visit=visit(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return False
    return True


@require_http_methods(FORM_METHODS)
def lift_pause(request: CustomerRequest) -> HttpResponse:
    present = factors_of(request.account.id)
    if not present.any:
        return redirect("area:pause")
    if not present.methods:
        return render(request, "signin/no_factor.html")
    form = _proof_form(request, present)
    if form.is_valid() and _lift(request, form):
        messages.success(request, _("The pause has ended."))
        return redirect("area:pause")
    return _proof_page(request, "area/pause_factor.html", {}, present, form)


def _lift(request: CustomerRequest, form: FactorForm) -> bool:
    try:
        lift_with_factor(request.account.id, answer=form.answer(), visit=visit(request))
    except Refused as refusal:
        refuse(form, refusal)
        return False
    return True


@enrolment_allowed
@require_POST
def end_trust(request: CustomerRequest) -> HttpResponse:
    if enrolment.end_trust(request.account.id, visit=visit(request)):
        messages.success(request, _("No browser is trusted any more."))
    return redirect("area:factors")


def _own(request: CustomerRequest, kind: str, factor_id: int) -> Totp | SecurityKey:
    factor = factors_of(request.account.id).find(kind, factor_id)
    if factor is None:
        raise Http404
    return factor


def _proof_form(
    request: CustomerRequest, possible: Factors, *, password: bool = False
) -> FactorForm:
    """Return the form of the way to prove a factor that was chosen, or the first possible."""
    wanted = request.POST.get("method") or request.GET.get("method") or ""
    method = wanted if wanted in possible.methods else possible.methods[0]
    form = FACTOR_FORMS[method]
    return form(request.POST if request.method == "POST" else None, password=password)


def _proof_page(
    request: CustomerRequest,
    template: str,
    context: Mapping[str, object],
    possible: Factors,
    form: FactorForm,
) -> HttpResponse:
    asked = ceremony.ask_to_prove(
        purpose=enrolment.purpose_of(request.account.id),
        keys=possible.keys,
        verified=False,
        now=timezone.now(),
    )
    shown = {"method": form.method, "methods": possible.methods, "ceremony": asked}
    return form_page(request, template, {**context, **shown}, form=form)
