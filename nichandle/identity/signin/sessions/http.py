"""What views see of the signed-in person, and the cookie that carries the session."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone

from nichandle.identity.signin.sessions.ending import BROWSER_FORGOTTEN_AFTER
from nichandle.identity.signin.sessions.opening import NewSession, Visit
from nichandle.identity.signin.sessions.signed_in import SignedIn
from nichandle.platform.kernel.origin import Origin

STEP_COOKIE_SECONDS = 3600


class CustomerRequest(HttpRequest):
    """A request that only a signed-in person can make."""

    account: SignedIn


class VisitorRequest(HttpRequest):
    """A request anybody can make."""

    account: SignedIn | None


def carry(request: HttpRequest, response: HttpResponse, session: NewSession) -> None:
    """Put a new session's key into the browser; the CSRF token changes with it."""
    carry_key(response, session.key, session.expires_at if session.stay else None)
    carry_browser(response, session.browser)
    if step_secret(request):
        drop_step(response)
    rotate_token(request)


def carry_key(response: HttpResponse, key: str, expires_at: datetime | None) -> None:
    """Put a session's key into the browser; None: until its window closes."""
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        key,
        expires=expires_at,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def carry_browser(response: HttpResponse, secret: str) -> None:
    """Give a browser the secret by which it is known."""
    response.set_cookie(
        _browser_cookie(),
        secret,
        max_age=int(BROWSER_FORGOTTEN_AFTER.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def carry_step(response: HttpResponse, secret: str) -> None:
    """Give a browser the secret of the sign-in it has half done."""
    response.set_cookie(
        _step_cookie(),
        secret,
        max_age=STEP_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def drop_step(response: HttpResponse) -> None:
    response.delete_cookie(_step_cookie(), samesite=settings.SESSION_COOKIE_SAMESITE)


def step_secret(request: HttpRequest) -> str:
    """Return the secret of the sign-in this browser has half done; empty when it has none."""
    return request.COOKIES.get(_step_cookie(), "")


def visit(request: HttpRequest) -> Visit:
    """Return who knocks, as operations are told."""
    return Visit(
        Origin.of(request),
        timezone.now(),
        session_key(request),
        browser_secret(request),
        step_secret(request),
    )


def drop(response: HttpResponse) -> None:
    """Take the session's key out of the browser."""
    response.delete_cookie(
        settings.SESSION_COOKIE_NAME, path="/", samesite=settings.SESSION_COOKIE_SAMESITE
    )


def browser_secret(request: HttpRequest) -> str | None:
    """Return the secret by which this browser is known, None when it has none."""
    return request.COOKIES.get(_browser_cookie()) or None


def _browser_cookie() -> str:
    return "__Host-browser" if settings.SESSION_COOKIE_SECURE else "browser"


def _step_cookie() -> str:
    return "__Host-step" if settings.SESSION_COOKIE_SECURE else "step"


def session_key(request: HttpRequest) -> str | None:
    """Return the key the browser sent; None when it sent none."""
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME) or None
