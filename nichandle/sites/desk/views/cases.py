"""The list of cases, and each case to its end."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nichandle.commerce.contacts.disputes import operations
from nichandle.identity.cases import clock, queries
from nichandle.identity.cases.kinds import ITEMS
from nichandle.identity.cases.models import Case, Review
from nichandle.identity.cases.review import places, reviewing, showing
from nichandle.identity.staff.doing import do
from nichandle.identity.staff.ledger import StaffAct
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import refuse as show_refusal
from nichandle.sites.desk.forms import (
    ApprovalForm,
    AskForm,
    ClosingForm,
    RefusalForm,
    SettlementForm,
)
from nichandle.sites.desk.http import ReviewerRequest, for_reviewers
from nichandle.sites.desk.views.shown import case_shown


@require_safe
@for_reviewers
def cases(request: ReviewerRequest) -> HttpResponse:
    now = timezone.now()
    listed = queries.listed(now=now)
    running = [case for case in listed if case.ended_at is None]
    ended = [case for case in listed if case.ended_at is not None]
    shown = {"running": running, "ended": ended, "reviewer": request.reviewer}
    shown["overdue"] = [case.pk for case in running if clock.overdue(case, now=now)]
    return render(request, "review/cases.html", shown)


@require_safe
@for_reviewers
def case(request: ReviewerRequest, number: str) -> HttpResponse:
    return _page(request, _case(number))


@require_safe
@for_reviewers
def paper(request: ReviewerRequest, number: str, name: str, page: int) -> HttpResponse:
    who = request.reviewer.pk
    drawn = showing.show(number=number, reviewer_id=who, name=name, page=page, act=Act.of(request))
    if drawn is None:
        raise Http404
    response = HttpResponse(drawn, content_type="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = f'inline; filename="page-{page}.jpg"'
    return response


@require_POST
@for_reviewers
def take(request: ReviewerRequest, number: str) -> HttpResponse:
    return _plain(request, number, "case.taken", reviewing.take)


@require_POST
@for_reviewers
def leave(request: ReviewerRequest, number: str) -> HttpResponse:
    return _plain(request, number, "case.left", reviewing.give_back)


@require_POST
@for_reviewers
def approve(request: ReviewerRequest, number: str) -> HttpResponse:
    found = _case(number)
    reviews = places.held(found, now=timezone.now())
    approvals = sum(review.outcome == Review.Outcome.APPROVED for review in reviews)
    contested = found.contested_at is not None and approvals >= clock.REVIEWERS
    items = tuple(item for item in ITEMS if item in queries.judgeable(found))
    form = ApprovalForm(request.POST, items=items, contested=contested)
    missing = {"ticks": [], "method": ""}
    return _decide(request, found, "approval", form, "case.approved", reviewing.approve, missing)


@require_POST
@for_reviewers
def refuse(request: ReviewerRequest, number: str) -> HttpResponse:
    form = RefusalForm(request.POST, auto_id="id_refusal_%s")
    return _decide(request, _case(number), "refusal", form, "case.refused", reviewing.refuse)


@require_POST
@for_reviewers
def close(request: ReviewerRequest, number: str) -> HttpResponse:
    form = ClosingForm(request.POST, auto_id="id_closing_%s")
    return _decide(request, _case(number), "closing", form, "case.closed", reviewing.close)


@require_POST
@for_reviewers
def settle(request: ReviewerRequest, number: str) -> HttpResponse:
    form = SettlementForm(request.POST, auto_id="id_settling_%s")
    return _decide(request, _case(number), "settling", form, "case.settled", operations.decide)


@require_POST
@for_reviewers
def ask(request: ReviewerRequest, number: str) -> HttpResponse:
    form = AskForm(request.POST, auto_id="id_asking_%s")
    return _decide(
        request, _case(number), "asking", form, "case.papers_asked", reviewing.ask_for_papers
    )


def _decide(
    request: ReviewerRequest,
    found: Case,
    name: str,
    form: Form,
    what: StaffAct,
    act: Callable[..., None],
    missing: dict[str, Any] | None = None,
) -> HttpResponse:
    """Do what a form asks; with an error the page comes back, and nothing typed is lost."""
    if form.is_valid():
        values = {**(missing or {}), **form.cleaned_data}
        try:
            _do(request, found.number, what, partial(act, **values))
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Done."))
            return redirect("review:case", number=found.number)
    return _page(request, found, **{name: form})


def _plain(
    request: ReviewerRequest, number: str, what: StaffAct, act: Callable[..., None]
) -> HttpResponse:
    _case(number)
    try:
        _do(request, number, what, act)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("review:case", number=number)


def _do(request: ReviewerRequest, number: str, what: StaffAct, act: Callable[..., None]) -> None:
    came, who = Act.of(request), request.reviewer.pk
    acting = partial(act, number=number, reviewer_id=who, now=came.now)
    do(acting, what=what, right="cases", member_id=who, act=came, subject=number)


def _page(request: ReviewerRequest, found: Case, **forms: Form) -> HttpResponse:
    shown = case_shown(found, request.reviewer, forms, now=timezone.now())
    status = 422 if forms else 200
    return render(request, "review/case.html", shown, status=status)


def _case(number: str) -> Case:
    found = queries.of_number(number)
    if found is None:
        raise Http404
    return found
