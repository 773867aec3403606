"""
The guard before sensitive acts: a sign-in within ten minutes, asked for on the spot.

What was about to be done is done afterwards with nothing typed again: a form that was sent waits in
the page itself, sealed and bound to this session, this address and an hour; whatever key the
session goes on under, for another tab may renew it meanwhile.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from nichandle.identity.factors.ceremony import ask_to_prove
from nichandle.identity.factors.forms import FactorForm
from nichandle.identity.factors.queries import factors_of
from nichandle.identity.signin.reauthentication import again
from nichandle.identity.signin.reauthentication.again import Renewed
from nichandle.identity.signin.reauthentication.forms import FORMS, PASSKEY, methods
from nichandle.identity.signin.sessions.http import CustomerRequest, carry_key, session_key
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.language import safe_path
from nichandle.platform.ui.pages import form_page, refuse

View = Callable[..., HttpResponse]
HELD_FOR = timedelta(hours=1)
CODE_FITS_FOR = timedelta(seconds=30)
"""An app's code that waited longer may fit no more, and a wrong one would be counted."""
WAITING = "form that waits for a fresh sign-in"
STEP = "sign-in-again"
"""The field that tells the guard's own form from that of the page behind it; holds the method."""
INSTEAD = "instead-"


def fresh_required(view: View) -> View:
    """Let a view be reached only by a session that was signed in to within ten minutes."""

    @wraps(view)
    def guarded(request: CustomerRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and STEP in request.POST:
            return _step(request, view, *args, **kwargs)
        if request.account.fresh(timezone.now()):
            return view(request, *args, **kwargs)
        posted = request.method == "POST"
        held, back = (_seal(request), _page_before(request)) if posted else ("", "")
        return _ask(request, "", None, held, back)

    return guarded


def _step(request: CustomerRequest, view: View, *args: Any, **kwargs: Any) -> HttpResponse:
    method, now = request.POST[STEP], timezone.now()
    if method not in FORMS:
        # Another method was chosen: the form that waits goes on waiting.
        return _ask_on(request, method.removeprefix(INSTEAD), None)
    form, renewed = FORMS[method](request.POST), None
    if not request.account.fresh(now):
        renewed = _confirm(request, form, Act.of(request)) if form.is_valid() else None
        if renewed is None:
            return _ask_on(request, method, form)
    response = _resume(request, renewed, view, *args, **kwargs)
    if renewed is not None and settings.SESSION_COOKIE_NAME not in response.cookies:
        carry_key(response, renewed.key, renewed.expires_at)
    return response


def _resume(
    request: CustomerRequest, renewed: Renewed | None, view: View, *args: Any, **kwargs: Any
) -> HttpResponse:
    """Go on with what waited, under the session's new key."""
    now, sealed = timezone.now(), request.POST.get("held", "")
    held = _release(request, sealed, now)
    if held is None:
        if sealed:
            messages.info(request, _("What you had entered is too old: enter it once more."))
        # Not every address that takes a form is a page.
        return HttpResponseRedirect(safe_path(request.POST.get("back", "")) or _here(request))
    if renewed is not None:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = renewed.key
    request.account = replace(request.account, fresh_at=now)
    request.POST = held  # type: ignore[assignment]  # immutable by its class's default
    return view(request, *args, **kwargs)


def _confirm(request: CustomerRequest, form: forms.Form, act: Act) -> Renewed | None:
    key = session_key(request) or ""
    account_id = request.account.id
    try:
        typed = form.cleaned_data.get("password", "")
        if not isinstance(form, FactorForm):
            return again.with_password(account_id=account_id, key=key, password=typed, act=act)
        answer = form.answer()
        if "password" not in form.fields:
            return again.with_passkey(account_id=account_id, key=key, answer=answer, act=act)
        return again.with_both(
            account_id=account_id, key=key, password=typed, answer=answer, act=act
        )
    except Refused as refusal:
        refuse(form, refusal)
        return None


def _ask_on(request: CustomerRequest, method: str, form: forms.Form | None) -> HttpResponse:
    """Ask once more; what waits goes on waiting."""
    held, back = request.POST.get("held", ""), request.POST.get("back", "")
    return _ask(request, method, form, held, back)


def _ask(
    request: CustomerRequest, method: str, form: forms.Form | None, held: str, back: str
) -> HttpResponse:
    present = factors_of(request.account.id)
    possible = methods(present)
    if not possible:
        return render(request, "signin/no_factor.html")
    if form is None or method not in possible:
        # A way that was just closed, such as a key that is a copy: why, beside the next one.
        for errors in form.errors.values() if form else ():
            messages.error(request, str(errors[0]))
        method = method if method in possible else possible[0]
        form = FORMS[method]()
    shown = {
        "step": STEP,
        "instead": INSTEAD,
        "method": method,
        "methods": possible,
        "held": held,
        "back": back,
        "ceremony": ask_to_prove(
            purpose=again.purpose_of(session_key(request) or ""),
            keys=present.keys,
            verified=method == PASSKEY,
            now=timezone.now(),
        ),
    }
    return form_page(request, "signin/again.html", shown, form=form)


def _seal(request: CustomerRequest) -> str:
    """Seal what was sent, so that it can wait in the page."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    until = timezone.now() + HELD_FOR
    return tokens.seal(
        json.dumps([_bound_to(request), until.isoformat(), fields.urlencode()]), WAITING
    )


def _release(request: CustomerRequest, sealed: str, now: datetime) -> QueryDict | None:
    """Open what waited; None when nothing did, or when it was not for this session and page."""
    if not sealed:
        return None
    try:
        bound_to, until, fields = json.loads(tokens.unseal(sealed, WAITING))
    except tokens.NotSealed:
        return None
    ends_at = datetime.fromisoformat(until)
    if bound_to != _bound_to(request) or now >= ends_at:
        return None
    return _without_old_code(request, QueryDict(fields), now - (ends_at - HELD_FOR))


def _without_old_code(request: CustomerRequest, held: QueryDict, waited: timedelta) -> QueryDict:
    """Leave out the code of an app that fits no longer, and say so; the rest stays as typed."""
    of_an_app = held.get("method") == "app" or "setup" in held
    used = request.POST[STEP] == "app" and "setup" not in held
    if not held.get("code") or not of_an_app or not (used or waited >= CODE_FITS_FOR):
        return held
    kept = held.copy()
    kept["code"] = ""
    said = _("The code of your app has grown too old meanwhile: enter the one it shows now.")
    messages.info(request, said)
    return kept


def _bound_to(request: CustomerRequest) -> str:
    account = request.account
    return tokens.digest(f"{account.id} {account.session_id} {request.get_full_path()}")


def _page_before(request: HttpRequest) -> str:
    """Return the page whose form was sent, to go back to when the form is lost."""
    before = urlsplit(request.headers.get("Referer", ""))
    path = f"{before.path}?{before.query}" if before.query else before.path
    ours = before.netloc == request.get_host()
    return (safe_path(path) if ours else "") or resolve_url("area:home")


def _here(request: HttpRequest) -> str:
    return request.get_full_path()
