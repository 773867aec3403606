"""« Mot de passe perdu », « Identifiant perdu », and the page a link opens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nichandle.identity.accounts import recovery_addresses
from nichandle.identity.recovery import addresses, links, not_me, operations, queries
from nichandle.identity.recovery.forms import (
    LostIdentifierForm,
    LostPasswordForm,
    NewPasswordForm,
)
from nichandle.identity.recovery.queries import valid_link
from nichandle.identity.signin.sessions.http import VisitorRequest, browser_secret, carry_browser
from nichandle.platform.audit.acts import ACTS
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import LinkRefused, Refused
from nichandle.platform.ui.meaning import MeaningForm
from nichandle.platform.ui.pages import form_page, refuse

FORM_METHODS = ["GET", "HEAD", "POST"]


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def lost_password(request: VisitorRequest) -> HttpResponse:
    form = LostPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.ask_for_link(**form.cleaned_data, act=Act.of(request))
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
            operations.ask_for_identifier(address=form.cleaned_data["address"], act=Act.of(request))
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
    link = valid_link(secret, now=timezone.now())
    if link is None:
        why = queries.why_no_reset(secret, now=timezone.now())
        return _not_valid(request, operations.LinkNotValid(why))
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _set(request, secret, form)):
        return answer
    shown = {"identifier": link.account.handle_text or link.account.email}
    return form_page(request, "recovery/new_password.html", shown, form=form)


def _set(request: VisitorRequest, secret: str, form: NewPasswordForm) -> HttpResponse | None:
    try:
        browser = operations.set_new_password(
            secret=secret,
            password=form.cleaned_data["password"],
            act=Act.of(request),
            browser=browser_secret(request),
        )
    except operations.LinkNotValid as refusal:
        return _not_valid(request, refusal)
    except Refused as refusal:
        refuse(form, refusal)
        return None
    messages.success(request, _("Your password is changed. Sign in with the new one."))
    response = redirect("signin:signin")
    carry_browser(response, browser)
    return response


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def stop_reset(request: VisitorRequest, secret: str) -> HttpResponse:
    if why := queries.why_no_stop(queries.stop_link_of(secret), now=timezone.now()):
        return _not_valid(request, links.StopLinkNotValid(why))
    form = _asked(request, stop=_("It was not me: stop it"))
    if not form.is_valid():
        return form_page(request, "recovery/stop_reset.html", {}, form=form)
    if not form.act:
        return render(request, "recovery/nothing_done.html")
    try:
        links.stop(secret=secret, act=Act.of(request))
    except links.StopLinkNotValid as refusal:
        return _not_valid(request, refusal)
    return render(request, "recovery/reset_stopped.html")


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def it_was_not_me(request: VisitorRequest, secret: str) -> HttpResponse:
    link, why = queries.disowned_by(secret, now=timezone.now())
    if link is None or why:
        return _not_valid(request, not_me.NotMeLinkNotValid(why))
    form = _asked(request, not_me=_("It was not me: make my account safe"))
    if not form.is_valid():
        shown = {"link": link, "act": ACTS[link.event]}
        return form_page(request, "recovery/not_me.html", shown, form=form)
    if not form.act:
        return render(request, "recovery/nothing_done.html")
    try:
        done = not_me.disown(secret=secret, act=Act.of(request))
    except not_me.NotMeLinkNotValid as refusal:
        return _not_valid(request, refusal)
    if not done.effect:
        return render(request, "recovery/already_secured.html", {"done": done})
    messages.success(request, _("Your account is safe: every session has ended."))
    return redirect("recovery:new_password", secret=done.secret)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def undo_address(request: VisitorRequest, secret: str) -> HttpResponse:
    link = recovery_addresses.link_of(secret)
    why = "unknown"
    if link is not None:
        why = recovery_addresses.why_no_undo(link, link.recovery.account, now=timezone.now())
    if why:
        return _not_valid(request, recovery_addresses.UndoNotValid(why))
    form = _asked(request, undo=_("It was not me: undo"))
    if not form.is_valid():
        return form_page(request, "recovery/undo_address.html", {"link": link}, form=form)
    if not form.act:
        return render(request, "recovery/nothing_done.html")
    try:
        not_me_secret = addresses.undo(secret=secret, act=Act.of(request))
    except recovery_addresses.UndoNotValid as refusal:
        return _not_valid(request, refusal)
    return render(request, "recovery/address_undone.html", {"not_me": not_me_secret})


def _asked(request: VisitorRequest, **acts: str) -> MeaningForm:
    """
    Return the form that asks what one means, filled in once it was sent.

    Opening a link does nothing, nor does its button alone: programs that check mail do both.
    """
    data = request.POST if request.method == "POST" else None
    return MeaningForm(data, harmless=_("It was me: change nothing"), **acts)


def _not_valid(request: VisitorRequest, refusal: LinkRefused) -> HttpResponse:
    shown = {"refusal": refusal, "code": refusal.code, "why": refusal.why}
    return render(request, "recovery/link_not_valid.html", shown, status=refusal.status)
