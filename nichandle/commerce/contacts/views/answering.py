"""Saying yes or no: from a mail, or from « Mes demandes »."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.commerce.contacts import clock, queries
from nichandle.commerce.contacts.disputes import operations
from nichandle.commerce.contacts.errors import (
    AnotherAccount,
    DisputeLinkNotValid,
    TokenNotValid,
)
from nichandle.commerce.contacts.forms import AcceptForm
from nichandle.commerce.contacts.models import Request, Side
from nichandle.commerce.contacts.requests import answering
from nichandle.identity.accounts.queries import profile
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest, VisitorRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.meaning import WishForm
from nichandle.platform.ui.pages import form_page
from nichandle.platform.ui.pages import refuse as put

FORM_METHODS = ["GET", "HEAD", "POST"]


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def answer(request: VisitorRequest, secret: str) -> HttpResponse:
    # Neither the link nor its button alone does anything: programs that check mail use both.
    side = queries.side_of(secret)
    if side is None:
        return _over(request, TokenNotValid())
    asking = side.who == Side.Who.ASKER
    form = _refusal_form(request, asking=asking)
    if not form.is_valid() or not form.act:
        shown = {"hand_over": side.request, "about": queries.content(side.request)}
        shown |= {"asking": asking, "secret": secret, "until": clock.answer_until(side.request)}
        return form_page(request, "contacts/answer.html", shown, form=form)
    try:
        answering.refuse_by_token(secret=secret, act=Act.of(request))
    except Refused as refusal:
        return _over(request, refusal)
    return render(request, "contacts/refused.html", {"asking": asking})


def _refusal_form(request: VisitorRequest, *, asking: bool) -> WishForm:
    data = request.POST if request.method == "POST" else None
    if asking:
        undecided, no = _("Nothing yet: leave the request open"), _("Withdraw the request")
    else:
        undecided, no = _("Nothing yet: leave the offer open"), _("Refuse the roles")
    return WishForm(data, harmless=undecided, refuse=no)


@require_http_methods(FORM_METHODS)
@fresh_required
def accept(request: CustomerRequest, request_id: int) -> HttpResponse:
    found = queries.request_of(request_id)
    if found is None or not queries.visible(found, profile(request.account.id)):
        return _over(request, AnotherAccount())
    if not found.open:
        return redirect("contacts:request", request_id=request_id)
    about, form = queries.content(found), _form(request, found)
    if form.is_valid() and _accept(request, found, form):
        return redirect("contacts:request", request_id=request_id)
    shown = {"hand_over": found, "about": about, "asking": _asking(request, found)}
    shown["until"] = clock.answer_until(found)
    if "terms" in form.fields:
        shown |= {
            "terms": settings.NICHANDLE_TERMS_URL,
            "version": settings.NICHANDLE_TERMS_VERSION,
        }
    return form_page(request, "contacts/accept.html", shown, form=form)


@require_POST
def refuse(request: CustomerRequest, request_id: int) -> HttpResponse:
    try:
        answering.refuse(
            account_id=request.account.id,
            request_id=request_id,
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The request is over; the contacts are as they were."))
    return redirect("contacts:requests")


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def dispute(request: VisitorRequest, secret: str) -> HttpResponse:
    # As with the answer above: the button alone does nothing.
    found = queries.dispute_of(secret, now=timezone.now())
    if found is None:
        return _over(request, DisputeLinkNotValid())
    form = WishForm(
        request.POST if request.method == "POST" else None,
        harmless=_("I agree, or am not sure: leave the contacts as they are"),
        dispute=_("I do not agree: dispute this hand-over"),
    )
    if not form.is_valid() or not form.act:
        shown = {"dispute": found, "about": queries.content(found.request)}
        return form_page(request, "contacts/dispute.html", shown, form=form)
    try:
        opened = operations.dispute(secret=secret, act=Act.of(request))
    except Refused as refusal:
        return _over(request, refusal)
    return render(request, "contacts/disputed.html", {"dispute": opened})


@require_http_methods(FORM_METHODS)
@fresh_required
def dispute_request(request: CustomerRequest, request_id: int) -> HttpResponse:
    who, now = request.account.id, timezone.now()
    found = queries.disputable(who, now=now, request_id=request_id).first()
    if found is None:
        raise Http404
    if request.method != "POST":
        about = queries.content(found.request)
        return render(request, "contacts/dispute.html", {"dispute": found, "about": about})
    try:
        opened = operations.dispute_signed_in(
            account_id=who, request_id=request_id, act=Act.of(request)
        )
    except Refused as refusal:
        return _over(request, refusal)
    return render(request, "contacts/disputed.html", {"dispute": opened})


def _asking(request: CustomerRequest, found: Request) -> bool:
    return found.asker_id == request.account.id


def _form(request: CustomerRequest, found: Request) -> AcceptForm:
    asking = _asking(request, found)
    takes = queries.content(found).with_terms and (not asking or found.takes_for_oneself)
    data = request.POST if request.method == "POST" else None
    return AcceptForm(token=asking, terms=takes, data=data, given=request.GET.get("token", ""))


def _accept(request: CustomerRequest, found: Request, form: AcceptForm) -> bool:
    given = form.cleaned_data
    try:
        said = answering.accept(
            account_id=request.account.id,
            request_id=found.pk,
            token=given.get("token", ""),
            terms=given.get("terms", False),
            act=Act.of(request),
        )
    except Refused as refusal:
        put(form, refusal)
        return False
    done = said.state == Request.State.DONE
    messages.success(request, _("The roles are handed over.") if done else _("You have accepted."))
    return True


def _over(request: VisitorRequest | CustomerRequest, refusal: Refused) -> HttpResponse:
    shown = {"refusal": str(refusal)}
    return render(request, "contacts/over.html", shown, status=refusal.status)
