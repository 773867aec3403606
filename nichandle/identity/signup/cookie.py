"""The cookie that binds a creation to the browser which began it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from nichandle.identity.signup.queries import LIFETIME


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
