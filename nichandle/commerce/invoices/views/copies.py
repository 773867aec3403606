"""Addresses that get copies of one's invoices: added and taken away, agreed to, stopped."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.commerce.invoices.forms import CopyForm
from nichandle.commerce.invoices.sharing import copies as sharing
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest, VisitorRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.meaning import WishForm
from nichandle.platform.ui.pages import form_page, refuse

FORM_METHODS = ["GET", "HEAD", "POST"]
AGREE, DECLINE, STOP = "agree", "decline", "stop"


@never_cache
@require_http_methods(FORM_METHODS)
@fresh_required
def copies(request: CustomerRequest) -> HttpResponse:
    """
    Show the addresses and ask another.

    After a fresh sign-in: what goes there outlives the session, also that of a thief.
    """
    form = CopyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            sharing.ask(request.account.id, form.cleaned_data["address"], act=Act.of(request))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("We have asked there. Copies begin once it is agreed to."))
            return redirect("invoices:copies")
    shown = {"found": sharing.of_account(request.account.id, now=timezone.now())}
    return form_page(request, "invoices/copies.html", shown, form=form)


@require_POST
def remove(request: CustomerRequest, copy_id: int) -> HttpResponse:
    try:
        sharing.remove(request.account.id, copy_id, act=Act.of(request))
    except sharing.CopyNotFound as refusal:
        raise Http404 from refusal
    messages.success(request, _("No more copies go there."))
    return redirect("invoices:copies")


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def agree(request: VisitorRequest, secret: str) -> HttpResponse:
    try:
        copy = sharing.asked(secret, now=timezone.now())
        form = _wish(
            request,
            harmless=_("I do not want to decide now"),
            **{
                AGREE: _("Send me a copy of every new invoice"),
                DECLINE: _("I do not want these invoices"),
            },
        )
        if not form.is_valid() or not form.act:
            return form_page(request, "invoices/copy_agree.html", {"copy": copy}, form=form)
        sharing.answer(secret, agreed=form.act == AGREE, act=Act.of(request))
    except sharing.CopyLinkOver as refusal:
        return _over(request, refusal)
    return render(request, "invoices/copy_answered.html", {"agreed": form.act == AGREE})


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def stop(request: VisitorRequest, secret: str) -> HttpResponse:
    try:
        copy = sharing.stopping(secret)
        form = _wish(
            request,
            harmless=_("Go on sending me copies"),
            **{STOP: _("Send me no more copies")},
        )
        if not form.is_valid() or not form.act:
            return form_page(request, "invoices/copy_stop.html", {"copy": copy}, form=form)
        sharing.stop(secret, act=Act.of(request))
    except sharing.CopyLinkOver as refusal:
        return _over(request, refusal)
    return render(request, "invoices/copy_answered.html", {"agreed": False})


def _wish(request: VisitorRequest, *, harmless: str, **acts: str) -> WishForm:
    sent = request.POST if request.method == "POST" else None
    return WishForm(sent, harmless=harmless, **acts)


def _over(request: VisitorRequest, refusal: Refused) -> HttpResponse:
    return render(request, "ui/link_over.html", {"refusal": refusal}, status=refusal.status)
