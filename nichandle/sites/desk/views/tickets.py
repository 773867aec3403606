"""Tickets as customer service sees them: the queue, and each ticket to its end."""

from collections.abc import Callable
from functools import partial
from typing import get_args

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.identity.staff.doing import do
from nichandle.identity.staff.ledger import StaffAct
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.desk.forms import AnswerForm, NoteForm
from nichandle.sites.desk.http import ReviewerRequest, for_tickets
from nichandle.support.tickets import answering, queries
from nichandle.support.tickets.steps import TicketNotFound

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@for_tickets
def tickets(request: ReviewerRequest) -> HttpResponse:
    now, after = timezone.now(), request.GET.get("after", "")
    asked = request.GET.get("queue", "")
    queue: queries.QueueName = asked if asked in get_args(queries.QueueName) else "waiting"  # type: ignore[assignment]  # one of its names
    found = queries.of_queue(queue, name=request.reviewer.name, after=after)
    shown = {
        "reviewer": request.reviewer,
        "queue": queue,
        "found": found,
        "late": [row.pk for row in found.rows if queries.waits_too_long(row, now=now)],
    }
    return render(request, "review/tickets.html", shown)


@require_http_methods(FORM_METHODS)
@for_tickets
def ticket(request: ReviewerRequest, number: str) -> HttpResponse:
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _do(request, number, "ticket.answered", answering.answer, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The answer is sent."))
            return redirect("review:ticket", number=number)
    return _page(request, number, form, NoteForm(auto_id="id_note_%s"))


@require_POST
@for_tickets
def note(request: ReviewerRequest, number: str) -> HttpResponse:
    form = NoteForm(request.POST, auto_id="id_note_%s")
    if not form.is_valid():
        return _page(request, number, AnswerForm(), form)
    return _plain(request, number, "ticket.noted", answering.note, **form.cleaned_data)


@require_POST
@for_tickets
def take(request: ReviewerRequest, number: str) -> HttpResponse:
    over_from = request.POST.get("over_from", "")
    return _plain(request, number, "ticket.taken", answering.take, over_from=over_from)


@require_POST
@for_tickets
def leave(request: ReviewerRequest, number: str) -> HttpResponse:
    return _plain(request, number, "ticket.left", answering.leave)


@require_POST
@for_tickets
def close(request: ReviewerRequest, number: str) -> HttpResponse:
    return _plain(request, number, "ticket.closed", answering.close)


def _plain(
    request: ReviewerRequest,
    number: str,
    what: StaffAct,
    work: Callable[..., None],
    **given: object,
) -> HttpResponse:
    try:
        _do(request, number, what, work, **given)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Done."))
    return redirect("review:ticket", number=number)


def _do(
    request: ReviewerRequest,
    number: str,
    what: StaffAct,
    work: Callable[..., None],
    **given: object,
) -> None:
    """:raises Http404: when there is no such ticket"""
    came, who = Act.of(request), request.reviewer
    acting = partial(work, number, **given, act=Act.by_staff(who.name, came.now))
    try:
        do(acting, what=what, right="tickets", member_id=who.pk, act=came, subject=number)
    except TicketNotFound as refusal:
        raise Http404 from refusal


def _page(
    request: ReviewerRequest, number: str, answer: AnswerForm, noting: NoteForm
) -> HttpResponse:
    seen = queries.for_staff(number)
    if seen is None:
        raise Http404
    answer.show_from(seen.newest)
    shown = {
        "reviewer": request.reviewer,
        "seen": seen,
        "ticket": seen.ticket,
        "late": queries.waits_too_long(seen.ticket, now=timezone.now()),
        "answer": answer,
        "noting": noting,
    }
    form = noting if noting.is_bound else answer
    return form_page(request, "review/ticket.html", shown, form=form)
