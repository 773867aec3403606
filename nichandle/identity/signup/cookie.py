"""Cookies of a creation: which browser has begun it, and where that goes on afterwards."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import iri_to_uri

from nichandle.identity.signup.queries import LIFETIME
from nichandle.platform.ui.language import safe_path

LONGEST_PATH = 300


def _name() -> str:
    return "__Host-creation" if settings.SESSION_COOKIE_SECURE else "creation"


def read(request: HttpRequest) -> str | None:
    return request.COOKIES.get(_name()) or None


def write(response: HttpResponse, secret: str) -> None:
    response.set_cookie(
        _name(),
        secret,
        max_age=int(LIFETIME.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remove(response: HttpResponse) -> None:
    response.delete_cookie(_name(), samesite="Lax")


def _onward() -> str:
    return "__Host-onward" if settings.SESSION_COOKIE_SECURE else "onward"


def onward(request: HttpRequest) -> str:
    """Return the page of ours on which the creation was begun; empty when it was none."""
    return safe_path(request.COOKIES.get(_onward(), "")[:LONGEST_PATH])


def write_onward(response: HttpResponse, path: str) -> None:
    """Keep where somebody was on the way to, such as an order, while they create an account."""
    # Headers are ASCII (RFC 9110, 5.5).
    address = iri_to_uri(path)
    if not safe_path(address) or len(address) > LONGEST_PATH:
        response.delete_cookie(_onward(), samesite="Lax")
        return
    response.set_cookie(
        _onward(),
        address,
        max_age=int(LIFETIME.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
