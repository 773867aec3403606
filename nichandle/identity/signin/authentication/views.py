"""The sign-in page, its second step, and signing out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.identity.accounts import demo
from nichandle.identity.accounts.forms import CodeForm
from nichandle.identity.accounts.queries import established_recovery
from nichandle.identity.factors.ceremony import KeyNotRight, ask_to_prove
from nichandle.identity.factors.forms import FACTOR_FORMS, FactorForm, KeyForm
from nichandle.identity.factors.queries import factors_of
from nichandle.identity.signin.authentication import openings, operations
from nichandle.identity.signin.authentication.admission import Entered
from nichandle.identity.signin.authentication.challenges import (
    SENDINGS,
    Halfway,
    StepGone,
    challenge_of,
    send_again,
)
from nichandle.identity.signin.authentication.forms import OpeningForm, SigninForm
from nichandle.identity.signin.authentication.second_step import (
    enter_by_passkey,
    give_code,
    give_factor,
    purpose_of,
)
from nichandle.identity.signin.sessions import ending
from nichandle.identity.signin.sessions.http import (
    CustomerRequest,
    VisitorRequest,
    browser_secret,
    carry,
    carry_browser,
    carry_step,
    drop,
    drop_step,
    session_key,
    step_secret,
    visit,
)
from nichandle.identity.signin.sessions.middleware import enrolment_allowed, opening_allowed
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.addresses import hinted
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.figures import Duration
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.ui.language import safe_next
from nichandle.platform.ui.meaning import WishForm
from nichandle.platform.ui.pages import form_page, refuse


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signin(request: VisitorRequest) -> HttpResponse:
    if request.account and request.method != "POST":
        return HttpResponseRedirect(_next(request))
    form = SigninForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (entered := _enter(request, form)):
        return _go_on(request, entered)
    passkey = ask_to_prove(purpose="passkey", verified=True, now=timezone.now())
    shown = {
        "next": _next(request),
        "passkey": passkey,
        "demo_accounts": demo.CUSTOMERS if settings.DEMO else (),
    }
    return form_page(request, "signin/signin.html", shown, form=form)


def _enter(request: VisitorRequest, form: SigninForm) -> Entered | Halfway | None:
    try:
        return operations.sign_in(**form.cleaned_data, visit=visit(request))
    except Refused as refusal:
        refuse(form, refusal)
        return None


def _go_on(request: VisitorRequest, entered: Entered | Halfway) -> HttpResponse:
    """Go where the person wanted to, or to the step that is missing."""
    if isinstance(entered, Halfway):
        query = urlencode({"next": _next(request)})
        response = redirect(f"{resolve_url(f'signin:{entered.step}')}?{query}")
        carry_step(response, entered.secret)
        return response
    wanted = resolve_url("signup:details") if entered.opening else _next(request)
    response = HttpResponseRedirect(wanted)
    carry(request, response, entered.session)
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def factor(request: VisitorRequest) -> HttpResponse:
    waiting = challenge_of(step_secret(request), now=timezone.now())
    if waiting is None or waiting.step != "factor":
        return _from_the_beginning(request)
    present = factors_of(waiting.account_id)
    if not present.methods:
        # The only key was copied, and no code is left.
        return render(request, "signin/no_factor.html")
    method = _method(request, present.methods)
    form = FACTOR_FORMS[method](request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _give_factor(request, form)):
        return answer
    ceremony = ask_to_prove(
        purpose=purpose_of(waiting), keys=present.keys, verified=False, now=timezone.now()
    )
    shown = {"method": method, "methods": present.methods, "ceremony": ceremony}
    shown |= {"next": _next(request), "trust_days": settings.NICHANDLE_TRUST_DAYS.days}
    return form_page(request, "signin/factor.html", shown, form=form)


def _method(request: VisitorRequest, possible: list[str]) -> str:
    wanted = request.POST.get("method") or request.GET.get("method") or ""
    return wanted if wanted in possible else possible[0]


def _give_factor(request: VisitorRequest, form: FactorForm) -> HttpResponse | None:
    trust = "trust" in request.POST
    try:
        entered = give_factor(step_secret(request), form.answer(), visit(request), trust=trust)
    except StepGone:
        return _from_the_beginning(request)
    except Refused as refusal:
        refuse(form, refusal)
        return None
    return _go_on(request, entered)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: VisitorRequest) -> HttpResponse:
    waiting = challenge_of(step_secret(request), now=timezone.now())
    if waiting is None or waiting.step != "code":
        return _from_the_beginning(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _give_code(request, form)):
        return answer
    shown = {
        "address": hinted(waiting.sent_to),
        "sendings_left": SENDINGS - waiting.sent,
        "others": established_recovery(waiting.account_id, now=timezone.now()),
        "next": _next(request),
    }
    return form_page(request, "signin/code.html", shown, form=form)


def _give_code(request: VisitorRequest, form: CodeForm) -> HttpResponse | None:
    try:
        entered = give_code(step_secret(request), form.cleaned_data["code"], visit(request))
    except StepGone:
        return _from_the_beginning(request)
    except Refused as refusal:
        refuse(form, refusal)
        return None
    return _go_on(request, entered)


@login_not_required
@require_POST
def code_again(request: VisitorRequest) -> HttpResponse:
    to = request.POST.get("to", "")
    try:
        send_again(
            step_secret(request),
            to=int(to[:18]) if to.isdecimal() else None,
            act=Act.of(request),
        )
    except StepGone:
        return _from_the_beginning(request)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A new code is on its way; the one before is void."))
    return redirect(f"{resolve_url('signin:code')}?{urlencode({'next': _next(request)})}")


@login_not_required
@require_POST
def passkey(request: VisitorRequest) -> HttpResponse:
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            return _go_on(request, enter_by_passkey(form.answer(), visit(request)))
        except Exhausted:
            raise
        except Refused as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, str(KeyNotRight()))
    return redirect(f"{resolve_url('signin:signin')}?{urlencode({'next': _next(request)})}")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_opening(request: VisitorRequest) -> HttpResponse:
    form = OpeningForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            openings.ask(**form.cleaned_data, act=Act.of(request))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return render(request, "signin/opening_sent.html")
    return form_page(request, "signin/ask_opening.html", {}, form=form)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: VisitorRequest, secret: str) -> HttpResponse:
    if not openings.works(secret, now=timezone.now()):
        return _opening_refused(request, openings.OpeningNotValid())
    # Neither the link nor its button alone does anything: programs that check mail use both.
    form = WishForm(
        request.POST if request.method == "POST" else None,
        harmless=_("I did not ask for this, or am not sure: change nothing"),
        open=_("I asked for it: open this browser"),
    )
    if not form.is_valid():
        return form_page(request, "signin/opening.html", {}, form=form)
    if not form.act:
        return render(request, "signin/opening_left.html")
    try:
        return _opened(request, secret)
    except openings.OpeningNotValid as used:
        return _opening_refused(request, used)


def _opening_refused(request: VisitorRequest, refusal: openings.OpeningNotValid) -> HttpResponse:
    shown = {"refusal": str(refusal)}
    return render(request, "signin/opening_not_valid.html", shown, status=refusal.status)


def _opened(request: VisitorRequest, secret: str) -> HttpResponse:
    browser = openings.use(
        secret=secret,
        browser=browser_secret(request),
        act=Act.of(request),
    )
    said = _("This browser is open for %(time)s. Sign in as usual.")
    messages.success(request, said % {"time": Duration(openings.OPEN_FOR, in_words=True)})
    response = redirect("signin:signin")
    carry_browser(response, browser)
    return response


def _from_the_beginning(request: VisitorRequest) -> HttpResponse:
    if request.account:
        return HttpResponseRedirect(_next(request))
    if step_secret(request):
        messages.info(request, str(StepGone()))
    response = redirect(f"{resolve_url('signin:signin')}?{urlencode({'next': _next(request)})}")
    drop_step(response)
    return response


@opening_allowed
@enrolment_allowed
@require_POST
def signout(request: CustomerRequest) -> HttpResponse:
    key = session_key(request)
    if key:
        ending.sign_out(
            key=key,
            account_id=request.account.id,
            act=Act.of(request),
        )
    messages.success(request, _("You are signed out."))
    response = redirect("signin:signin")
    drop(response)
    return response


def _next(request: VisitorRequest) -> str:
    """Return where to go afterwards: a page of ours only."""
    return safe_next(request, "area:home")
