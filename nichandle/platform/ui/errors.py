"""Error pages: what happened, what it means, what to do."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from nichandle.platform.kernel.database import Trouble, trouble
from nichandle.platform.kernel.uploads import KEPT
from nichandle.platform.kernel.wording.figures import Megabytes


def _page(request: HttpRequest, status: int, title: str, what: str, todo: str) -> HttpResponse:
    shown = {"status": status, "title": title, "what": what, "todo": todo}
    return render(request, "ui/error.html", shown, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        400,
        _("This request cannot be read"),
        _("Your browser sent something we do not understand. Nothing was changed."),
        _("Go back, load the page again, and retry."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        413,
        _("This file is far too large"),
        _("A file may have %(size)s MB. It was not read, and what you sent before is still there.")
        % {"size": Megabytes(KEPT)},
        _("Go back and choose a smaller file, such as a picture at a lower resolution."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        403,
        _("This page is not for you"),
        _("You are not allowed to see it or to do this. Nothing was changed."),
        _("Check which account you are signed in with."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        _("This form is no longer valid"),
        _(
            "It was open for very long, you signed in or out in another tab meanwhile, or your "
            "browser refuses cookies. Nothing was changed."
        ),
        _("Go back, load the page again, and retry. Cookies of this site must be allowed."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        _("There is nothing at this address"),
        _("It was perhaps mistyped, or what was here is gone."),
        _("Start again from the home page."),
    )


def too_many(request: HttpRequest, sentence: str, *, seconds: int) -> HttpResponse:
    """Answer 429 with the wait in words and in the header that programs read."""
    response = _page(
        request,
        429,
        _("Too many tries"),
        sentence,
        _("Waiting is enough: nothing else is needed, and nothing was lost."),
    )
    response.headers["Retry-After"] = str(seconds)
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 where the database only could not do it now."""
    found = trouble(sys.exc_info()[1])
    if found is not None:
        return not_now(request, found)
    return _page(
        request,
        500,
        _("Something broke on our side"),
        _("It was not your doing. What you did last may not have been saved."),
        _("Try again in a minute. If it happens again, tell customer service the time."),
    )


def not_now(request: HttpRequest, found: Trouble) -> HttpResponse:
    response = _page(
        request,
        503,
        _("This cannot be saved now"),
        _("There is much to do on our side at the moment. Nothing was changed.")
        if found is Trouble.BUSY
        else _("There is no room left on our side. Nothing was changed, and nothing was lost."),
        _("Try again in a moment: go back, and what you typed is still there."),
    )
    response.headers["Retry-After"] = "5"
    return response


def maintenance(request: HttpRequest) -> HttpResponse:
    response = _page(
        request,
        503,
        _("Back in a few minutes"),
        _("We are working on the site. Your account and your services are not affected."),
        _("Load this page again in a little while."),
    )
    response.headers["Retry-After"] = "300"
    return response
