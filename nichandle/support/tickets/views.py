"""One's tickets: the list, asking, and the page of one ticket."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.support.tickets import operations, queries
from nichandle.support.tickets.forms import AskingForm, RatingForm, TicketFilterForm, WritingForm
from nichandle.support.tickets.steps import TicketNotFound

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
def tickets(request: CustomerRequest) -> HttpResponse:
    form, after = TicketFilterForm.of(request.GET), request.GET.get("after", "")
    found = queries.mine(request.account.id, form.wanted(), after=after)
    kept = form.query()
    shown = {
        "form": form,
        "found": found,
        "after": after,
        "query": urlencode(kept),
        "next": urlencode(kept | {"after": found.next}) if found.next else "",
    }
    return render(request, "tickets/list.html", shown)


@require_http_methods(FORM_METHODS)
def new(request: CustomerRequest) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    chosen = _key((given or request.GET).get("service", ""))
    offered = queries.offered_services(request.account.id, chosen, now=timezone.now())
    form = AskingForm(given, services=offered, initial={"service": chosen})
    if form.is_valid():
        try:
            ticket = operations.ask(
                account_id=request.account.id, question=form.question(), act=Act.of(request)
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("We have your question. The answer comes by mail."))
            return redirect("tickets:ticket", number=ticket.number)
    return form_page(request, "tickets/new.html", {}, form=form)


@require_http_methods(FORM_METHODS)
def ticket(request: CustomerRequest, number: str) -> HttpResponse:
    form = WritingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.reply(
                account_id=request.account.id,
                number=number,
                **form.cleaned_data,
                act=Act.of(request),
            )
        except TicketNotFound as refusal:
            raise Http404 from refusal
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Your message is with us."))
            return redirect("tickets:ticket", number=number)
    return _page(request, number, form, RatingForm())


@require_POST
def close(request: CustomerRequest, number: str) -> HttpResponse:
    try:
        operations.close(account_id=request.account.id, number=number, act=Act.of(request))
    except TicketNotFound as refusal:
        raise Http404 from refusal
    messages.success(request, _("The ticket is closed. How was it?"))
    return redirect("tickets:ticket", number=number)


@require_POST
def rate(request: CustomerRequest, number: str) -> HttpResponse:
    form = RatingForm(request.POST)
    if form.is_valid():
        try:
            operations.rate(
                account_id=request.account.id,
                number=number,
                **form.cleaned_data,
                act=Act.of(request),
            )
        except TicketNotFound as refusal:
            raise Http404 from refusal
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Thank you: we have taken note of it."))
            return redirect("tickets:ticket", number=number)
    return _page(request, number, WritingForm(), form)


def _page(
    request: CustomerRequest, number: str, writing: WritingForm, rating: RatingForm
) -> HttpResponse:
    seen = queries.seen(request.account.id, number)
    if seen is None:
        raise Http404
    if not rating.is_bound:
        rating.initial = {"rating": seen.ticket.rating, "words": seen.ticket.rating_words}
    shown = {"seen": seen, "ticket": seen.ticket, "writing": writing, "rating": rating}
    form = rating if rating.is_bound else writing
    return form_page(request, "tickets/ticket.html", shown, form=form)


def _key(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else None
