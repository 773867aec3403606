"""Where reviewers come in: the operator's link, the password, the key; and where they go out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.identity.factors.forms import KeyForm
from nichandle.identity.staff import people
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refusal_of, refuse
from nichandle.sites.desk import keys, operations
from nichandle.sites.desk.forms import KeySetupForm, ReviewerSigninForm, SetupForm, answer_of
from nichandle.sites.desk.http import (
    ReviewerRequest,
    carry,
    carry_half,
    drop,
    drop_half,
    for_staff,
    has_half,
    signed_in,
    visit,
)
from nichandle.sites.desk.queries import key_demanded
from nichandle.sites.desk.visits import ReviewerEntered, ReviewerHalfway

FORM_METHODS = ["GET", "HEAD", "POST"]


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def signin(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and signed_in(request):
        return redirect("review:home")
    form = ReviewerSigninForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _sign_in(request, form)):
        return answer
    return form_page(request, "review/signin.html", {}, form=form)


def _sign_in(request: HttpRequest, form: ReviewerSigninForm) -> HttpResponse | None:
    try:
        entered = operations.sign_in(**form.cleaned_data, visit=visit(request))
    except Refused as refusal:
        refuse(form, refusal)
        return None
    if isinstance(entered, ReviewerHalfway):
        response = redirect("review:key")
        carry_half(response, entered)
        return response
    return _enter(request, entered)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def key(request: HttpRequest) -> HttpResponse:
    half = operations.waiting(visit(request).half, now=timezone.now())
    if half is None:
        return _from_the_beginning(request, operations.HalfSigninGone())
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _give_key(request, form)):
        return answer
    try:
        shown = {"ceremony": operations.ask_for_key(half, now=timezone.now())}
    except operations.ReviewerKeyMissing as missing:
        return _from_the_beginning(request, missing)
    return form_page(request, "review/key.html", shown, form=form)


def _give_key(request: HttpRequest, form: KeyForm) -> HttpResponse | None:
    try:
        entered = operations.give_key(form.answer(), visit(request))
    except operations.HalfSigninGone as gone:
        return _from_the_beginning(request, gone)
    except Refused as refusal:
        refuse(form, refusal)
        return None
    return _enter(request, entered)


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def setup(request: HttpRequest, secret: str) -> HttpResponse:
    found = people.invited(secret, now=timezone.now())
    if found is None:
        return _link_not_valid(request)
    kind = KeySetupForm if key_demanded() else SetupForm
    form = kind(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _set_up(request, secret, form)):
        return answer
    return _setup_page(request, found, form)


def _set_up(request: HttpRequest, secret: str, form: SetupForm) -> HttpResponse | None:
    try:
        entered = operations.set_up(
            secret=secret,
            password=form.cleaned_data["password"],
            answer=answer_of(form),
            name=form.cleaned_data.get("name", ""),
            visit=visit(request),
        )
    except people.SetupLinkNotValid:
        # Used in another tab while this page was open.
        return _link_not_valid(request)
    except Refused as refusal:
        refuse(form, refusal)
        return None
    return _enter(request, entered)


def _setup_page(request: HttpRequest, found: StaffMember, form: SetupForm) -> HttpResponse:
    refusal = refusal_of(form)
    with_key = isinstance(form, KeySetupForm)
    shown = {
        "reviewer": found,
        "with_key": with_key,
        # Only the password was refused: the key, which had answered rightly, is not asked again.
        "answered": with_key and refusal is not None and refusal.field == "password",
        "ceremony": keys.ask_to_register(found, anew=True, now=timezone.now()),
    }
    return form_page(request, "review/setup.html", shown, form=form)


@require_POST
@for_staff
def signout(request: ReviewerRequest) -> HttpResponse:
    operations.sign_out(visit(request))
    messages.success(request, _("You are signed out."))
    response = redirect("review:signin")
    drop(response)
    return response


def _link_not_valid(request: HttpRequest) -> HttpResponse:
    refusal = people.SetupLinkNotValid()
    shown = {"refusal": str(refusal)}
    return render(request, "review/link_not_valid.html", shown, status=refusal.status)


def _enter(request: HttpRequest, entered: ReviewerEntered) -> HttpResponse:
    response = redirect("review:home")
    carry(request, response, entered)
    return response


def _from_the_beginning(request: HttpRequest, why: Refused) -> HttpResponse:
    """Go on where one is signed in already, else say why and begin again."""
    if signed_in(request):
        return redirect("review:home")
    if has_half(request) or request.method == "POST":
        messages.info(request, str(why))
    response = redirect("review:signin")
    drop_half(response)
    return response
