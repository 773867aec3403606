"""The creation pages, from the address to the identifier."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.identity.accounts import recovery_addresses
from nichandle.identity.accounts.models import RecoveryAddress
from nichandle.identity.accounts.passwords import strength as estimate
from nichandle.identity.accounts.queries import undelivered_to
from nichandle.identity.factors.queries import has_factor
from nichandle.identity.signin.sessions.http import CustomerRequest, VisitorRequest, carry
from nichandle.identity.signin.sessions.middleware import enrolment_allowed, opening_allowed
from nichandle.identity.signup import cookie, operations
from nichandle.identity.signup.forms import CodeForm, CreationForm, HolderForm, KindForm
from nichandle.identity.signup.queries import current
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.kernel.wording import languages
from nichandle.platform.limits.operations import spend
from nichandle.platform.outbox.queries import undelivered
from nichandle.platform.ui.language import safe_next
from nichandle.platform.ui.pages import form_page, refuse

FORM_METHODS = ["GET", "HEAD", "POST"]


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def start(request: VisitorRequest) -> HttpResponse:
    if request.account:
        return redirect("area:home")
    under_way = current(cookie.read(request), now=timezone.now())
    initial = {
        "country": under_way.country if under_way else settings.NICHANDLE_COUNTRY,
        "language": under_way.language if under_way else languages.current(),
        "email": under_way.address if under_way else "",
    }
    form = CreationForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and (secret := _begin(request, form)):
        response = redirect("signup:code")
        cookie.write(response, secret)
        cookie.write_onward(response, request.POST.get("next", ""))
        return response
    shown = {"under_way": under_way, "next": safe_next(request, "area:home")}
    return form_page(request, "signup/start.html", shown, form=form)


def _begin(request: VisitorRequest, form: CreationForm) -> str | None:
    try:
        return operations.begin(
            country=form.cleaned_data["country"],
            language=form.cleaned_data["language"],
            address=form.cleaned_data["email"],
            password=form.cleaned_data["password"],
            replaces=cookie.read(request),
            act=Act.of(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return None


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def code(request: VisitorRequest) -> HttpResponse:
    if request.account:
        return redirect("signup:details" if request.account.opening else "area:home")
    creation = current(cookie.read(request), now=timezone.now())
    if creation is None:
        messages.info(request, str(operations.CreationGone()))
        return redirect("signup:start")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (entered := _confirm(request, form)):
        return entered
    shown = {
        "creation": creation,
        "sendings_left": operations.SENDINGS - creation.sent,
        "undelivered": undelivered(creation.mail_id),
    }
    return form_page(request, "signup/code.html", shown, form=form)


def _confirm(request: VisitorRequest, form: CodeForm) -> HttpResponse | None:
    try:
        session = operations.confirm(
            secret=cookie.read(request) or "",
            code=form.cleaned_data["code"],
            act=Act.of(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return None
    response = redirect("signup:details")
    carry(request, response, session)
    cookie.remove(response)
    return response


@login_not_required
@require_POST
def again(request: VisitorRequest) -> HttpResponse:
    try:
        operations.send_again(secret=cookie.read(request) or "", act=Act.of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A new code is on its way; the one before is void."))
    return redirect("signup:code")


@opening_allowed
@require_http_methods(FORM_METHODS)
def details(request: CustomerRequest) -> HttpResponse:
    if not request.account.opening:
        return redirect("signup:done")
    kinds = KindForm(request.POST if request.method == "POST" else request.GET or None)
    if not kinds.is_valid():
        return form_page(request, "signup/kind.html", {}, form=kinds)
    form = _holder_form(request, kinds.cleaned_data["kind"])
    if form.is_valid() and _complete(request, form):
        waiting = _waiting(request)
        return redirect("signup:recovery" if waiting else "signup:done")
    return form_page(request, "signup/details.html", {"kind_form": kinds}, form=form)


def _holder_form(request: CustomerRequest, kind: str) -> HolderForm:
    """Bind what was typed, unless only another kind of holder was chosen: then just keep it."""
    account, bound = request.account, request.method == "POST" and "switch" not in request.POST
    return HolderForm(
        request.POST if bound else None,
        country=account.country,
        kind=kind,
        primary=account.email,
        initial=request.POST.dict(),
    )


def _complete(request: CustomerRequest, form: HolderForm) -> bool:
    values = dict(form.cleaned_data)
    try:
        operations.complete(
            account_id=request.account.id,
            recovery_address=values.pop("recovery_address") or None,
            kind=form.kind,
            details=values,
            act=Act.of(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return False
    return True


def _waiting(request: CustomerRequest) -> RecoveryAddress | None:
    """Return the recovery address of these steps: none that was added since is proven here."""
    return recovery_addresses.waiting_since_creation(request.account.id, now=timezone.now())


@enrolment_allowed
@require_http_methods(FORM_METHODS)
def recovery(request: CustomerRequest) -> HttpResponse:
    waiting = _waiting(request)
    if waiting is None:
        return _later(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            recovery_addresses.prove(
                account_id=request.account.id,
                code=form.cleaned_data["code"],
                which=waiting.pk,
                act=Act.of(request),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Your recovery address is proven."))
            return redirect("signup:done")
    shown = {"recovery": waiting, "undelivered": undelivered_to(waiting)}
    return form_page(request, "signup/recovery.html", shown, form=form)


def _later(request: CustomerRequest) -> HttpResponse:
    """Lead on whoever follows the mail once the steps of the creation are over."""
    rows = recovery_addresses.waiting_for_code(request.account.id)
    if rows:
        return redirect("area:prove_recovery_address", which=rows[0].pk)
    return redirect("signup:done")


@enrolment_allowed
@require_POST
def recovery_again(request: CustomerRequest) -> HttpResponse:
    waiting = _waiting(request)
    if waiting is None:
        return redirect("signup:recovery")
    try:
        recovery_addresses.send_again(
            account_id=request.account.id,
            which=waiting.pk,
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A new code is on its way; the one before is void."))
    return redirect("signup:recovery")


@enrolment_allowed
@require_safe
def done(request: CustomerRequest) -> HttpResponse:
    return render(request, "signup/done.html", {"onward": cookie.onward(request)})


@login_not_required
@require_POST
def strength(request: VisitorRequest) -> JsonResponse:
    """Estimate a password for the meter; nothing of it is kept."""
    key = Origin.of(request).network
    if request.account is not None:
        # Whoever is signed in does not wait for neighbours; a visitor counts with their networks.
        key = f"{key} {request.account.session_id}"
    spend("password.strength", key=key, now=timezone.now())
    alone = request.account is None or "alone" in request.POST
    beside = request.account is not None and not alone and has_factor(request.account.id)
    own = [request.POST.get("email", "")]
    found = estimate(request.POST.get("password", ""), own, second_factor=beside)
    return JsonResponse({"score": found.score, "words": found.words, "ok": found.ok})
