"""The page on which reviewers see their keys, and those that add and remove one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nichandle.identity.factors.forms import KeyForm
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.desk import keys
from nichandle.sites.desk.forms import AddKeyForm, answer_of
from nichandle.sites.desk.http import ReviewerRequest, drop, for_staff, visit
from nichandle.sites.desk.models import ReviewerKey
from nichandle.sites.desk.queries import key_demanded, key_of, keys_of, usable

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@for_staff
def mine(request: ReviewerRequest) -> HttpResponse:
    present = keys_of(request.reviewer.pk)
    accepted = usable(present)
    shown = {
        "reviewer": request.reviewer,
        "keys": present,
        "accepted": accepted,
        # The page offers no removal that would be refused.
        "needed": accepted[0] if len(accepted) == 1 and key_demanded() else None,
    }
    return render(request, "review/keys.html", shown)


@require_http_methods(FORM_METHODS)
@for_staff
def new(request: ReviewerRequest) -> HttpResponse:
    added = "name" in request.POST
    if keys.may_add(request.reviewer_session, now=timezone.now()):
        return _add_page(request, AddKeyForm(request.POST if added else None))
    if added:
        messages.info(request, str(keys.ReviewerProofGone()))
    if added or not usable(keys_of(request.reviewer.pk)):
        return redirect("review:keys")
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _allow_adding(request, form)):
        return answer
    asked = keys.ask_to_add(request.reviewer_session, now=timezone.now())
    shown = {"reviewer": request.reviewer, "ceremony": asked}
    return form_page(request, "review/key_confirm.html", shown, form=form)


def _allow_adding(request: ReviewerRequest, form: KeyForm) -> HttpResponse | None:
    try:
        keys.allow_adding(request.reviewer_session, form.answer(), visit(request))
    except keys.ReviewerKeyCopied as copied:
        return _out(request, copied)
    except Refused as refusal:
        refuse(form, refusal)
        return None
    return redirect("review:new_key")


def _add_page(request: ReviewerRequest, form: AddKeyForm) -> HttpResponse:
    if form.is_valid() and (answer := _add(request, form)):
        return answer
    asked = keys.ask_to_register(request.reviewer, now=timezone.now())
    shown = {"reviewer": request.reviewer, "ceremony": asked}
    return form_page(request, "review/key_new.html", shown, form=form)


def _add(request: ReviewerRequest, form: AddKeyForm) -> HttpResponse | None:
    name, answer = form.cleaned_data["name"], answer_of(form)
    assert answer is not None
    try:
        keys.add(request.reviewer_session, answer, name=name, visit=visit(request))
    except keys.ReviewerProofGone as gone:
        messages.info(request, str(gone))
        return redirect("review:keys")
    except Refused as refusal:
        refuse(form, refusal)
        return None
    messages.success(request, _("The key “%(name)s” is registered.") % {"name": name})
    return redirect("review:keys")


@require_http_methods(FORM_METHODS)
@for_staff
def remove(request: ReviewerRequest, which: int) -> HttpResponse:
    key = key_of(request.reviewer.pk, which)
    if key is None:
        raise Http404
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _remove(request, key, form)):
        return answer
    try:
        asked = keys.ask_to_remove(request.reviewer_session, key, now=timezone.now())
    except keys.ReviewerLastKey as last:
        messages.error(request, str(last))
        return redirect("review:keys")
    alone = len(keys_of(request.reviewer.pk)) == 1
    shown = {"reviewer": request.reviewer, "key": key, "last": alone, "ceremony": asked}
    return form_page(request, "review/key_remove.html", shown, form=form)


def _remove(request: ReviewerRequest, key: ReviewerKey, form: KeyForm) -> HttpResponse | None:
    try:
        keys.remove(request.reviewer_session, key.pk, form.answer(), visit(request))
    except keys.ReviewerKeyCopied as copied:
        return _out(request, copied)
    except keys.ReviewerKeyGone as gone:
        # Removed in another tab while this page was open.
        messages.error(request, str(gone))
        return redirect("review:keys")
    except Refused as refusal:
        refuse(form, refusal)
        return None
    messages.success(request, _("The key “%(name)s” is removed.") % {"name": key.name})
    return redirect("review:keys")


def _out(request: ReviewerRequest, copied: Refused) -> HttpResponse:
    """Every session has ended, this one too."""
    messages.error(request, str(copied))
    response = redirect("review:signin")
    drop(response)
    return response
