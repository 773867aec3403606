"""« Mot de passe perdu », « Identifiant perdu », and the page a link opens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.recovery import operations
from nichandle.recovery.forms import LostIdentifierForm, LostPasswordForm, NewPasswordForm
from nichandle.recovery.queries import valid_link
from nichandle.signin.http import VisitorRequest, browser_secret, carry_browser
from nichandle.ui.pages import form_page, refuse

FORM_METHODS = ["GET", "HEAD", "POST"]


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def lost_password(request: VisitorRequest) -> HttpResponse:
    form = LostPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.ask_for_link(
                typed=form.cleaned_data["typed"], origin=Origin.of(request), now=timezone.now()
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return render(request, "recovery/password_sent.html")
    return form_page(request, "recovery/password_lost.html", {}, form=form)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def lost_identifier(request: VisitorRequest) -> HttpResponse:
    form = LostIdentifierForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.ask_for_identifier(
                address=form.cleaned_data["address"], origin=Origin.of(request), now=timezone.now()
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return render(request, "recovery/identifier_sent.html")
    return form_page(request, "recovery/identifier_lost.html", {}, form=form)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def new_password(request: VisitorRequest, secret: str) -> HttpResponse:
    # Opening the link does nothing: programs that check mail open links too.
    if valid_link(secret, now=timezone.now()) is None:
        return _not_valid(request)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _set(request, secret, form)):
        return answer
    return form_page(request, "recovery/new_password.html", {}, form=form)


def _set(request: VisitorRequest, secret: str, form: NewPasswordForm) -> HttpResponse | None:
    try:
        browser = operations.set_new_password(
            secret=secret,
            password=form.cleaned_data["password"],
            origin=Origin.of(request),
            now=timezone.now(),
            browser=browser_secret(request),
        )
    except operations.LinkNotValid:
        return _not_valid(request)
    except Refused as refusal:
        refuse(form, refusal)
        return None
    messages.success(request, _("Your password is changed. Sign in with the new one."))
    response = redirect("signin:signin")
    carry_browser(response, browser)
    return response


def _not_valid(request: VisitorRequest) -> HttpResponse:
    refusal = operations.LinkNotValid()
    shown = {"refusal": str(refusal)}
    return render(request, "recovery/link_not_valid.html", shown, status=refusal.status)
