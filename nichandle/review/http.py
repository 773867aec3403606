"""What reviewers' pages see of who is there, and the cookie of their sessions."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from nichandle.cases.models import Reviewer
from nichandle.review.operations import Entered, signed_in


class ReviewerRequest(HttpRequest):
    """A request that only a signed-in reviewer can make."""

    reviewer: Reviewer


def _cookie() -> str:
    return "__Host-review" if settings.SESSION_COOKIE_SECURE else "review"


def key_of(request: HttpRequest) -> str | None:
    return request.COOKIES.get(_cookie()) or None


def carry(request: HttpRequest, response: HttpResponse, entered: Entered) -> None:
    """Put a session's key into the browser, until that is closed; the CSRF token changes too."""
    response.set_cookie(
        _cookie(),
        entered.key,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    rotate_token(request)


def drop(response: HttpResponse) -> None:
    response.delete_cookie(_cookie(), path="/", samesite="Strict")


def for_reviewers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page be seen by signed-in reviewers alone; a customer's session opens none of them."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: ReviewerRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = signed_in(key_of(request), now=timezone.now())
        if found is None:
            return redirect("review:signin")
        request.reviewer = found
        return view(request, *args, **kwargs)

    return guarded
