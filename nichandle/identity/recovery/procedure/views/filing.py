"""The pages of the procedure: no sign-in, one link for a case from its beginning to its end."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.identity.cases import errors, filing, queries
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.papers import uploads
from nichandle.identity.recovery.procedure import forms, operations
from nichandle.identity.recovery.procedure.views import steps
from nichandle.identity.signin.sessions.http import VisitorRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording import languages
from nichandle.platform.outbox.queries import undelivered
from nichandle.platform.ui.pages import form_page, refuse

FORM_METHODS = ["GET", "HEAD", "POST"]
PLACE = "recovery/procedure"


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def start(request: VisitorRequest) -> HttpResponse:
    form = forms.ProcedureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            secret = filing.begin(
                **form.cleaned_data,
                language=languages.current(),
                act=Act.of(request),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect("recovery:case", secret=secret)
    return form_page(request, f"{PLACE}/start.html", steps.line(1), form=form)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def case(request: VisitorRequest, secret: str) -> HttpResponse:
    found = _found(secret)
    if found is None:
        return _gone(request, errors.FilingGone())
    return SHOW[steps.step_of(found)](request, secret, found)


def _code(request: VisitorRequest, secret: str, found: Case) -> HttpResponse:
    form = forms.CodeForm(request.POST if request.method == "POST" else None)
    values = {"secret": secret, "act": Act.of(request)}
    if form.is_valid() and _done(form, filing.prove, **values, **form.cleaned_data):
        return redirect("recovery:case", secret=secret)
    left = filing.SENDINGS - found.codes_sent
    context = {
        "case": found,
        "secret": secret,
        "sendings_left": left,
        "undelivered": undelivered(found.mail_id),
        **steps.line(2),
    }
    return form_page(request, f"{PLACE}/code.html", context, form=form)


def _holder(request: VisitorRequest, secret: str, found: Case) -> HttpResponse:
    form = forms.ClaimedHolderForm(request.POST if request.method == "POST" else None)
    values = {"secret": secret, "now": timezone.now()}
    if form.is_valid() and _done(form, filing.describe, **values, **form.cleaned_data):
        return redirect("recovery:case", secret=secret)
    return form_page(request, f"{PLACE}/holder.html", {"case": found, **steps.line(3)}, form=form)


def _papers(
    request: VisitorRequest, secret: str, found: Case, form: forms.PaperForm | None = None
) -> HttpResponse:
    wanted = steps.wanted(found, form)
    context = {
        "case": found,
        "secret": secret,
        "wanted": wanted,
        "checking": steps.checking(wanted),
    }
    status = 422 if form is not None else 200
    return render(request, f"{PLACE}/papers.html", {**context, **steps.line(4)}, status=status)


def _state(
    request: VisitorRequest,
    secret: str,
    found: Case,
    form: forms.PaperForm | None = None,
    withdrawing: forms.WithdrawForm | None = None,
) -> HttpResponse:
    status = 200 if form is None and withdrawing is None else 422
    context = {**steps.shown(found, form), "secret": secret}
    context["withdrawing"] = withdrawing or forms.WithdrawForm()
    return render(request, f"{PLACE}/state.html", context, status=status)


SHOW: dict[str, Callable[..., HttpResponse]] = {
    "code": _code,
    "holder": _holder,
    "papers": _papers,
    "state": _state,
}


@login_not_required
@require_POST
def again(request: VisitorRequest, secret: str) -> HttpResponse:
    try:
        filing.send_again(secret=secret, act=Act.of(request))
    except errors.FilingGone as refusal:
        return _gone(request, refusal)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A new code is on its way; the one before is void."))
    return redirect("recovery:case", secret=secret)


@login_not_required
@never_cache
@require_POST
def paper(request: VisitorRequest, secret: str) -> HttpResponse:
    found = _found(secret)
    if found is None or not uploads.takes_papers(found):
        return _gone(request, errors.FilingGone())
    auto_id = f"id_{request.POST.get('item', '')[:24]}_%s"
    form = forms.PaperForm(request.POST, request.FILES, auto_id=auto_id)
    if form.is_valid() and _add(request, secret, form):
        messages.success(request, _("We have received the paper and check that it can be read."))
        return redirect("recovery:case", secret=secret)
    return SHOW[steps.step_of(found)](request, secret, found, form)


def _add(request: VisitorRequest, secret: str, form: forms.PaperForm) -> bool:
    file: UploadedFile[Any] = form.cleaned_data["paper"]
    return _done(
        form,
        uploads.add,
        secret=secret,
        item=form.cleaned_data["item"],
        data=file.read(),
        size=file.size or 0,
        act=Act.of(request),
    )


@login_not_required
@require_POST
def remove(request: VisitorRequest, secret: str) -> HttpResponse:
    if _found(secret) is None:
        return _gone(request, errors.FilingGone())
    if uploads.remove(secret=secret, name=request.POST.get("name", "")[:32]):
        messages.success(request, _("The paper is removed."))
    return redirect("recovery:case", secret=secret)


@login_not_required
@require_POST
def send(request: VisitorRequest, secret: str) -> HttpResponse:
    try:
        operations.send(secret=secret, act=Act.of(request))
    except errors.FilingGone as refusal:
        if queries.of_secret(secret) is None:
            return _gone(request, refusal)
    return redirect("recovery:case", secret=secret)


@login_not_required
@require_POST
def withdraw(request: VisitorRequest, secret: str) -> HttpResponse:
    # The link to this page stands in a mail, and programs that check mail press its buttons.
    form, found = forms.WithdrawForm(request.POST), _found(secret)
    if found is None:
        return _gone(request, errors.CaseOver())
    if not form.is_valid() and steps.step_of(found) == "state":
        return _state(request, secret, found, withdrawing=form)
    if not form.is_valid() or not form.act:
        messages.info(request, _("Nothing was changed: the case goes on."))
        return redirect("recovery:case", secret=secret)
    try:
        filing.withdraw(secret=secret, act=Act.of(request))
    except errors.CaseOver as refusal:
        return _gone(request, refusal)
    messages.success(request, _("The case is withdrawn, and its papers are erased."))
    return redirect("recovery:case", secret=secret)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def follow(request: VisitorRequest) -> HttpResponse:
    form = forms.FollowForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.ask_for_link(**form.cleaned_data, act=Act.of(request))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return render(request, f"{PLACE}/followed.html")
    return form_page(request, f"{PLACE}/follow.html", {}, form=form)


def _found(secret: str) -> Case | None:
    """Return the case of a link; None when there is none, or it was left too long unsent."""
    found = queries.of_secret(secret)
    if found is None or found.state != Case.State.FILING:
        return found
    return filing.filing(secret, now=timezone.now())


def _done(form: Form, operation: Callable[..., object], **values: Any) -> bool:
    """Do something; a refusal goes beside its field."""
    try:
        operation(**values)
    except Refused as refusal:
        refuse(form, refusal)
        return False
    return True


def _gone(request: VisitorRequest, refusal: Refused) -> HttpResponse:
    return render(request, f"{PLACE}/gone.html", {"refusal": str(refusal)}, status=410)
