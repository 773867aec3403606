"""Remembering the language a browser asked for, and going back to where it was."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def remember(response: HttpResponse, language: str) -> None:
    """Keep the language in the browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )


def safe_next(request: HttpRequest, fallback: str) -> str:
    """
    Return where the person wants to go on: a page of ours, else the fallback.

    Only a whole path: anything else would be looked up as the name of a page, or be relative.
    """
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return safe_path(wanted) or resolve_url(fallback)


def safe_path(wanted: str) -> str:
    """Return a path of ours as it is, and nothing for what leads elsewhere."""
    whole = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if whole and url_has_allowed_host_and_scheme(wanted, None) else ""
