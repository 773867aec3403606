"""What reviewers' pages see of who is there, and the cookies of their browsers."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from nichandle.identity.staff.models import StaffMember
from nichandle.identity.staff.roles import RightName, may
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.kernel.wording import languages
from nichandle.sites.desk import reviewer_sessions
from nichandle.sites.desk.browsers import FORGOTTEN_AFTER
from nichandle.sites.desk.models import ReviewerSession
from nichandle.sites.desk.visits import ReviewerEntered, ReviewerHalfway, ReviewerVisit

SESSION, BROWSER, HALF = "review", "review-browser", "review-half"
HALF_COOKIE_LASTS = timedelta(hours=1)
"""Longer than what it opens, so that whoever comes late is told so."""


View = Callable[..., HttpResponse]


class ReviewerRequest(HttpRequest):
    """A request that only a signed-in reviewer can make."""

    reviewer: StaffMember
    reviewer_session: ReviewerSession


def visit(request: HttpRequest) -> ReviewerVisit:
    """Return who knocks, as operations are told."""
    return ReviewerVisit(
        Origin.of(request),
        timezone.now(),
        languages.current(),
        session=_sent(request, SESSION),
        browser=_sent(request, BROWSER),
        half=_sent(request, HALF),
    )


def signed_in(request: HttpRequest) -> ReviewerSession | None:
    """Return the session of a browser in which a reviewer is signed in."""
    return reviewer_sessions.found(_sent(request, SESSION), now=timezone.now())


def carry(request: HttpRequest, response: HttpResponse, entered: ReviewerEntered) -> None:
    """
    Put a session's key into the browser, until that is closed; the CSRF token changes too.

    What the browser is known by stays, and what was half done is over.
    """
    _keep(response, SESSION, entered.key)
    _keep(response, BROWSER, entered.browser, FORGOTTEN_AFTER)
    drop_half(response)
    rotate_token(request)


def carry_half(response: HttpResponse, halfway: ReviewerHalfway) -> None:
    """Give a browser the secret of the sign-in it has half done."""
    _keep(response, HALF, halfway.secret, HALF_COOKIE_LASTS)


def has_half(request: HttpRequest) -> bool:
    return bool(_sent(request, HALF))


def drop(response: HttpResponse) -> None:
    response.delete_cookie(_name(SESSION), path="/", samesite="Strict")


def drop_half(response: HttpResponse) -> None:
    response.delete_cookie(_name(HALF), path="/", samesite="Strict")


def for_staff(view: View) -> View:
    """Let a page be seen by signed-in staff alone; a customer's session opens none of them."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: ReviewerRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = signed_in(request)
        if found is None:
            return redirect("review:signin")
        request.reviewer, request.reviewer_session = found.reviewer, found
        return view(request, *args, **kwargs)

    return guarded


def for_right(right: RightName) -> Callable[[View], View]:
    """Let a page be seen by those whose role includes a right; others go on to their own pages."""

    def guard(view: View) -> View:
        @for_staff
        @wraps(view)
        def guarded(request: ReviewerRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(request.reviewer, right):
                return redirect("review:home")
            return view(request, *args, **kwargs)

        return guarded

    return guard


for_reviewers = for_right("cases")
for_billing = for_right("bank")
for_tickets = for_right("tickets")
for_administrators = for_right("people")


def _name(which: str) -> str:
    return f"__Host-{which}" if settings.SESSION_COOKIE_SECURE else which


def _sent(request: HttpRequest, which: str) -> str:
    return request.COOKIES.get(_name(which), "")


def _keep(response: HttpResponse, which: str, secret: str, lasts: timedelta | None = None) -> None:
    response.set_cookie(
        _name(which),
        secret,
        max_age=lasts,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
