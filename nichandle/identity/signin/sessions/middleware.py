"""Who is asking: every request gets its account, and closed doors stay closed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.messages import info
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from nichandle.identity.signin.sessions.ending import touch
from nichandle.identity.signin.sessions.http import VisitorRequest, drop, session_key
from nichandle.identity.signin.sessions.queries import just_renewed, live_session
from nichandle.identity.signin.sessions.signed_in import LiveSession
from nichandle.identity.signin.sessions.store import SessionStore
from nichandle.platform.kernel.wording.zones import zone
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.ui.errors import too_many

TOUCH_EVERY = timedelta(minutes=1)


class SigninMiddleware:
    """Sets ``request.account`` and sends visitors of closed pages to the sign-in page."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: VisitorRequest) -> HttpResponse:
        if _open_file(request):
            request.account, request.session = None, SessionStore()
            return self.answer(request)
        # Who clicks a link in a mail is not signed in, and reads times as those around them do.
        timezone.activate(zone(settings.NICHANDLE_TIME_ZONE))
        key, now = session_key(request), timezone.now()
        session = live_session(key, now=now) if key else None
        request.account = session
        if session is None:
            request.session = SessionStore()
        else:
            request.session = SessionStore(key, session.data)
            _prepare(session, now)
        response = self.answer(request)
        if session is not None and request.session.modified:
            request.session.save()
        if key and session is None and settings.SESSION_COOKIE_NAME not in response.cookies:
            _drop_dead(response, key, now)
        if session is not None:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(
        self, request: VisitorRequest, view: Callable[..., HttpResponse], *_args: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        account = request.account
        if account is None:
            return _to_signin(request)
        if account.opening and not getattr(view, "opening_allowed", False):
            return redirect("signup:details")
        if account.must_enrol and not getattr(view, "enrolment_allowed", account.opening):
            return redirect("area:factors")
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A spent allowance that no form could show is a page of its own."""
        if isinstance(exception, Exhausted):
            return too_many(request, str(exception), seconds=exception.seconds)
        return None


def opening_allowed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page be seen by somebody whose account is not complete yet."""
    return _marked(view, "opening_allowed")


def enrolment_allowed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page be seen by somebody who must set up a factor before anything else."""
    return _marked(view, "enrolment_allowed")


def _marked(view: Callable[..., HttpResponse], mark: str) -> Callable[..., HttpResponse]:
    # On the function itself, because functools.wraps hands it on to what decorators return.
    vars(view)[mark] = True
    return view


def _drop_dead(response: HttpResponse, key: str, now: datetime) -> None:
    """Take a dead key out of the browser, unless that would take away the one that followed it."""
    if not just_renewed(key, now=now):
        drop(response)


def _open_file(request: HttpRequest) -> bool:
    """Tell whether it is the same for everybody: who asks is not looked up."""
    return request.path.startswith(settings.STATIC_URL) or request.path in _open_pages()


@cache
def _open_pages() -> frozenset[str]:
    return frozenset(reverse(name) for name in ("ui:brand", "ui:logo"))


def _prepare(session: LiveSession, now: datetime) -> None:
    """Answer in the account's language and time zone; note the use, once a minute at most."""
    translation.activate(session.language)
    timezone.activate(zone(session.time_zone))
    if now - session.last_used_at > TOUCH_EVERY:
        touch(session.session_id, now=now)


def _to_signin(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page and, where that loses nothing, back here afterwards."""
    key = session_key(request)
    if key and not just_renewed(key, now=timezone.now()):
        info(request, _("Your session has ended. Sign in again to go on."))
    wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return redirect(f"{resolve_url(settings.LOGIN_URL)}{query}")
