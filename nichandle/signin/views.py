"""The sign-in page, and signing out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.accounts import demo
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.signin import operations
from nichandle.signin.forms import SigninForm
from nichandle.signin.http import (
    CustomerRequest,
    VisitorRequest,
    browser_secret,
    carry,
    drop,
    session_key,
)
from nichandle.signin.middleware import opening_allowed
from nichandle.ui.pages import form_page, refuse


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signin(request: VisitorRequest) -> HttpResponse:
    if request.account and request.method != "POST":
        return redirect(_next(request))
    form = SigninForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (entered := _enter(request, form)):
        response = redirect("signup:details" if entered.opening else _next(request))
        carry(request, response, entered.session)
        return response
    shown = {"next": _next(request), "demo_accounts": demo.CUSTOMERS if settings.DEMO else ()}
    return form_page(request, "signin/signin.html", shown, form=form)


def _enter(request: VisitorRequest, form: SigninForm) -> operations.Entered | None:
    try:
        return operations.sign_in(
            **form.cleaned_data,
            origin=Origin.of(request),
            now=timezone.now(),
            replaces=session_key(request),
            browser=browser_secret(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return None


@opening_allowed
@require_POST
def signout(request: CustomerRequest) -> HttpResponse:
    key = session_key(request)
    if key:
        operations.sign_out(
            key=key,
            account_id=request.account.id,
            origin=Origin.of(request),
            now=timezone.now(),
        )
    messages.success(request, _("You are signed out."))
    response = redirect("signin:signin")
    drop(response)
    return response


def _next(request: VisitorRequest) -> str:
    """Return where to go afterwards: a page of ours only."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else resolve_url("area:home")
