"""
The guard before sensitive acts: a sign-in within ten minutes, asked for on the spot.

What was about to be done is done afterwards with nothing typed again: a form that was sent waits in
the page itself, sealed and bound to this session, this address and a few minutes.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from cryptography.fernet import InvalidToken
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone

from nichandle.kernel import tokens
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.signin import again
from nichandle.signin.forms import AgainForm
from nichandle.signin.http import CustomerRequest, session_key
from nichandle.ui.pages import form_page, refuse

View = Callable[..., HttpResponse]
HELD_FOR = timedelta(hours=1)
STEP = "sign-in-again"
"""The field that tells the guard's own form from that of the page behind it."""


def fresh_required(view: View) -> View:
    """Let a view be reached only by a session that was signed in to within ten minutes."""

    @wraps(view)
    def guarded(request: CustomerRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and STEP in request.POST:
            return _step(request, view, *args, **kwargs)
        if request.account.fresh(timezone.now()):
            return view(request, *args, **kwargs)
        held = _hold(request) if request.method == "POST" else ""
        return _ask(request, AgainForm(initial={"held": held}))

    return guarded


def _step(request: CustomerRequest, view: View, *args: Any, **kwargs: Any) -> HttpResponse:
    form, now = AgainForm(request.POST), timezone.now()
    if not request.account.fresh(now) and not (form.is_valid() and _confirm(request, form, now)):
        return _ask(request, form)
    held = _release(request, form.data.get("held", ""), now)
    if held is None:
        return redirect(request.get_full_path())
    request.account = replace(request.account, fresh_at=now)
    request.POST = held  # type: ignore[assignment]  # immutable by its class's default
    return view(request, *args, **kwargs)


def _confirm(request: CustomerRequest, form: AgainForm, now: datetime) -> bool:
    try:
        again.with_password(
            account_id=request.account.id,
            key=session_key(request) or "",
            password=form.cleaned_data["password"],
            origin=Origin.of(request),
            now=now,
        )
    except Refused as refusal:
        refuse(form, refusal)
        return False
    return True


def _ask(request: CustomerRequest, form: AgainForm) -> HttpResponse:
    return form_page(request, "signin/again.html", {"step": STEP}, form=form)


def _hold(request: CustomerRequest) -> str:
    """Seal what was sent, so that it can wait in the page."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    until = timezone.now() + HELD_FOR
    return tokens.seal(json.dumps([_bound_to(request), until.isoformat(), fields.urlencode()]))


def _release(request: CustomerRequest, sealed: str, now: datetime) -> QueryDict | None:
    """Open what waited; None when nothing did, or when it was not for this session and page."""
    if not sealed:
        return None
    try:
        bound_to, until, fields = json.loads(tokens.unseal(sealed))
    except (InvalidToken, ValueError):
        return None
    if bound_to != _bound_to(request) or now >= datetime.fromisoformat(until):
        return None
    return QueryDict(fields)


def _bound_to(request: HttpRequest) -> str:
    return tokens.digest(f"{session_key(request)} {request.get_full_path()}")
