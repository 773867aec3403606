"""Rendering pages around forms: one helper, so that wrong input is answered alike everywhere."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from nichandle.platform.kernel.errors import Refused


class Messages(CookieStorage):
    """What a page is told by the one before it, in a cookie named as all others are."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class RefusalError(ValidationError):
    """A refusal as one of a form's errors: the page that shows it answers with its status."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(str(refusal), code=refusal.code)
        self.refusal = refusal


def refuse(form: BaseForm, refusal: Refused) -> None:
    """Put a refusal's sentence beside its field, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, RefusalError(refusal))


def refusal_of(form: BaseForm) -> Refused | None:
    """Return why a form was refused; None when it was not, or its own fields found it wrong."""
    errors = (error for field in form.errors.as_data().values() for error in field)
    return next((error.refusal for error in errors if isinstance(error, RefusalError)), None)


def form_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, form: BaseForm
) -> HttpResponse:
    """
    Render a page around a form: 200, or 422 when the form has errors.

    Where it was refused, the refusal's status, and templates find it as ``refusal``: a spent
    allowance is 429 with Retry-After.
    """
    refusal = refusal_of(form)
    wrong = form.is_bound and bool(form.errors)
    status = refusal.status if refusal else 422 if wrong else 200
    shown = {**context, "form": form, "refusal": refusal}
    response = render(request, template, shown, status=status)
    seconds = getattr(refusal, "seconds", None)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response
