"""The pages at /mail/: demo mode alone has them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nichandle.platform.outbox import demo

# A mail's own page may style itself and load nothing; it runs no script and belongs to no site.
LETTER_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say that there is no such page outside demo mode."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **parameters: Any) -> HttpResponse:
        if not settings.DEMO or settings.NICHANDLE_MAIL_URL:
            raise Http404
        return view(request, *args, **parameters)

    return login_not_required(require_safe(guarded))


@demo_only
def letters(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/letters.html", {"letters": demo.letters()})


@demo_only
def letter(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "mailbox/letter.html", {"letter": _found(name)})


@demo_only
def html(request: HttpRequest, name: str) -> HttpResponse:
    response = HttpResponse(_found(name).html)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _found(name: str) -> demo.Letter:
    letter = demo.letter(name)
    if letter is None:
        raise Http404
    return letter
