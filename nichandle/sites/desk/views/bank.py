"""What billing looks at: lines of statements that wait, refunds to be sent, credits."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nichandle.commerce.payments import operations, queries
from nichandle.commerce.payments.models import BankLine
from nichandle.commerce.payments.statements import deciding, matching
from nichandle.commerce.payments.words import LINE_WAITING
from nichandle.identity.staff.doing import do
from nichandle.identity.staff.ledger import StaffAct
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.desk.forms import AssignForm, LineWordsForm
from nichandle.sites.desk.http import ReviewerRequest, for_billing


@require_safe
@for_billing
def bank(request: ReviewerRequest) -> HttpResponse:
    shown = {
        "reviewer": request.reviewer,
        "lines": queries.waiting_lines(),
        "refunds": queries.refunds_by_hand(),
        "credits": queries.credits_waiting(),
        "decided": queries.decided_lines(),
    }
    return render(request, "review/bank.html", shown)


@require_safe
@for_billing
def line(request: ReviewerRequest, which: int) -> HttpResponse:
    return _page(request, _line(which), AssignForm(auto_id="id_assign_%s"), "assigning")


@require_POST
@for_billing
def assign(request: ReviewerRequest, which: int) -> HttpResponse:
    form = AssignForm(request.POST, auto_id="id_assign_%s")
    return _decide(request, which, form, "assigning", "bank.line_assigned", deciding.assign)


@require_POST
@for_billing
def aside(request: ReviewerRequest, which: int) -> HttpResponse:
    form = LineWordsForm(request.POST, auto_id="id_aside_%s")
    return _decide(request, which, form, "aside", "bank.line_aside", deciding.put_aside)


@require_POST
@for_billing
def back(request: ReviewerRequest, which: int) -> HttpResponse:
    form = LineWordsForm(request.POST, auto_id="id_back_%s")
    return _decide(request, which, form, "back", "bank.line_sent_back", deciding.send_back)


@require_POST
@for_billing
def sent(request: ReviewerRequest, which: int) -> HttpResponse:
    return _plain(request, which, "bank.refund_sent", deciding.sent_by_hand)


@require_POST
@for_billing
def credit_back(request: ReviewerRequest, which: int) -> HttpResponse:
    return _plain(request, which, "bank.credit_sent_back", operations.give_back_credit)


def _decide(
    request: ReviewerRequest,
    which: int,
    form: Form,
    name: str,
    what: StaffAct,
    act: Callable[..., object],
) -> HttpResponse:
    found = _line(which)
    if form.is_valid():
        try:
            _do(request, which, what, partial(act, **form.cleaned_data))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Done."))
            return redirect("review:bank")
    return _page(request, found, form, name)


def _plain(
    request: ReviewerRequest, which: int, what: StaffAct, act: Callable[..., object]
) -> HttpResponse:
    try:
        _do(request, which, what, act)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Done."))
    return redirect("review:bank")


def _page(request: ReviewerRequest, found: BankLine, form: Form, name: str) -> HttpResponse:
    forms = {
        "assigning": AssignForm(auto_id="id_assign_%s"),
        "aside": LineWordsForm(auto_id="id_aside_%s"),
        "back": LineWordsForm(auto_id="id_back_%s"),
    }
    shown = {
        "reviewer": request.reviewer,
        "line": found,
        "waits": found.state == LINE_WAITING,
        "suggestions": matching.suggestions(found),
        **forms,
        name: form,
    }
    return form_page(request, "review/bank_line.html", shown, form=form)


def _line(which: int) -> BankLine:
    found = queries.bank_line(which)
    if found is None:
        raise Http404
    return found


def _do(request: ReviewerRequest, which: int, what: StaffAct, act: Callable[..., object]) -> None:
    came, who = Act.of(request), request.reviewer
    acting = partial(act, which, act=Act.by_staff(who.name, came.now))
    do(acting, what=what, right="bank", member_id=who.pk, act=came, subject=str(which))
