"""The pages that the links of a change open, without sign-in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nichandle.identity.accounts.forms import CodeForm
from nichandle.identity.emailchange import clock, errors, queries
from nichandle.identity.emailchange.forms import REFUSE, UNDO, UndoForm, VetoForm
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.outcome import endings, proving
from nichandle.identity.emailchange.outcome import undo as undoing
from nichandle.identity.factors import ceremony
from nichandle.identity.factors.forms import FACTOR_FORMS, FactorForm
from nichandle.identity.factors.queries import Factors
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.sessions.http import VisitorRequest, visit
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import LinkRefused, Refused
from nichandle.platform.ui.pages import form_page, refuse

FORM_METHODS = ["GET", "HEAD", "POST"]


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def proof(request: VisitorRequest, secret: str) -> HttpResponse:
    # Opening a link does nothing, here as below: programs that check mail open links too.
    link = queries.link_of(secret, ChangeLink.Kind.PROOF)
    why = queries.why_not(link, now=timezone.now())
    if link is None or why:
        return _not_valid(request, errors.ProofLinkNotValid(why))
    who, account_id = visit(request), request.account.id if request.account else None
    if request.method != "POST":
        here = proving.asked_here(link.change, browser=who.browser, account_id=account_id)
        return _proof_page(request, link.change, here=here)
    try:
        change = proving.prove_by_link(secret=secret, account_id=account_id, visit=who)
    except errors.ProofLinkNotValid as refusal:
        return _not_valid(request, refusal)
    except errors.ProofElsewhere as refusal:
        return _proof_page(request, link.change, here=False, status=refusal.status)
    shown = {"change": change, "silence": clock.silence(change)}
    return render(request, "emailchange/proven.html", shown)


def _proof_page(
    request: VisitorRequest, change: Change, *, here: bool, status: int = 200
) -> HttpResponse:
    template = "emailchange/proof.html" if here else "emailchange/proof_elsewhere.html"
    return render(request, template, {"change": change}, status=status)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def veto(request: VisitorRequest, secret: str) -> HttpResponse:
    link = queries.link_of(secret, ChangeLink.Kind.VETO)
    why = queries.why_not(link, now=timezone.now())
    if link is None or why:
        return _not_valid(request, errors.VetoLinkNotValid(why))
    shown = {"change": queries.open_change(link.change.account_id)}
    form = VetoForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return form_page(request, "emailchange/veto.html", shown, form=form)
    if form.cleaned_data["meaning"] != REFUSE:
        return render(request, "emailchange/kept.html", shown)
    try:
        done = endings.veto(secret=secret, act=Act.of(request))
    except errors.VetoLinkNotValid as refusal:
        return _not_valid(request, refusal)
    return render(request, "emailchange/vetoed.html", {"done": done})


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def undo(request: VisitorRequest, secret: str) -> HttpResponse:
    link = queries.link_of(secret, ChangeLink.Kind.UNDO)
    why = queries.why_not(link, now=timezone.now())
    if link is None or why:
        return _not_valid(request, errors.UndoLinkNotValid(why))
    form = UndoForm(request.POST if request.method == "POST" else None)
    shown = {"change": link.change}
    if not form.is_valid():
        return form_page(request, "emailchange/undo.html", shown, form=form)
    if form.cleaned_data["meaning"] != UNDO:
        return render(request, "emailchange/kept.html", shown)
    return _undo(request, secret)


def _undo(request: VisitorRequest, secret: str) -> HttpResponse:
    try:
        done = undoing.undo(secret=secret, act=Act.of(request))
    except errors.UndoLinkNotValid as refusal:
        return _not_valid(request, refusal)
    except errors.ChangeSentOften as refusal:
        # The codes that were sent go on waiting to be typed.
        messages.error(request, str(refusal))
        return redirect("emailchange:undo_code", secret=secret)
    return _undone(request, secret, done, CodeForm())


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def undo_code(request: VisitorRequest, secret: str) -> HttpResponse:
    link = queries.link_of(secret, ChangeLink.Kind.UNDO)
    why = queries.why_not(link, now=timezone.now())
    if link is None or why:
        return _not_valid(request, errors.UndoLinkNotValid(why))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            done = undoing.confirm(
                secret=secret,
                code=form.cleaned_data["code"],
                act=Act.of(request),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return _undone(request, secret, done, form)
    return _code_page(request, secret, link.change, form)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def undo_factor(request: VisitorRequest, secret: str) -> HttpResponse:
    link = queries.link_of(secret, ChangeLink.Kind.UNDO)
    why = queries.why_not(link, now=timezone.now())
    if link is None or why:
        return _not_valid(request, errors.UndoLinkNotValid(why))
    present = undoing.factors_that_confirm(link.change)
    if not present.methods:
        return redirect("emailchange:undo", secret=secret)
    wanted = request.POST.get("method") or request.GET.get("method") or ""
    chosen = FACTOR_FORMS[wanted if wanted in present.methods else present.methods[0]]
    form = chosen(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _confirm(request, secret, form)):
        return answer
    return _factor_page(request, secret, link.change, present, form)


def _confirm(request: VisitorRequest, secret: str, form: FactorForm) -> HttpResponse | None:
    try:
        done = undoing.confirm_with_factor(
            secret=secret, answer=form.answer(), visit=visit(request)
        )
    except Refused as refusal:
        refuse(form, refusal)
        return None
    return render(request, "emailchange/undone.html", {"done": done})


def _undone(
    request: VisitorRequest, secret: str, done: undoing.Undone, form: CodeForm
) -> HttpResponse:
    if done.restored:
        return render(request, "emailchange/undone.html", {"done": done})
    if done.by_code:
        return _code_page(request, secret, done.change, form)
    if done.by_factor:
        return redirect("emailchange:undo_factor", secret=secret)
    return render(request, "emailchange/contested.html", {"change": done.change})


def _code_page(
    request: VisitorRequest, secret: str, change: Change, form: CodeForm
) -> HttpResponse:
    by_factor = bool(undoing.factors_that_confirm(change).methods)
    shown = {"secret": secret, "change": change, "by_factor": by_factor}
    return form_page(request, "emailchange/undo_code.html", shown, form=form)


def _factor_page(
    request: VisitorRequest, secret: str, change: Change, present: Factors, form: FactorForm
) -> HttpResponse:
    asked = ceremony.ask_to_prove(
        purpose=enrolment.purpose_of(change.account_id),
        keys=present.keys,
        verified=False,
        now=timezone.now(),
    )
    shown = {"change": change, "methods": present.methods, "method": form.method}
    shown |= {"ceremony": asked, "by_code": bool(change.undo_codes_sent), "secret": secret}
    return form_page(request, "emailchange/undo_factor.html", shown, form=form)


def _not_valid(request: VisitorRequest, refusal: LinkRefused) -> HttpResponse:
    shown = {"refusal": refusal, "code": refusal.code, "why": refusal.why}
    return render(request, "emailchange/link_not_valid.html", shown, status=refusal.status)
