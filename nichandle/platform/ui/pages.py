"""Rendering pages around forms: one helper, so that wrong input is answered alike everywhere."""

from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from nichandle.platform.kernel.errors import Refused


def refuse(form: BaseForm, refusal: Refused) -> None:
    """Put a refusal's sentence beside its field, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))
    form.refusal = refusal  # type: ignore[attr-defined]  # read by form_page, which sets the status


def form_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, form: BaseForm
) -> HttpResponse:
    """
    Render a page around a form: 200, or 422 when the form has errors.

    A spent allowance is 429 with Retry-After.
    """
    refusal: Refused | None = getattr(form, "refusal", None)
    wrong = form.is_bound and bool(form.errors)
    status = refusal.status if refusal else 422 if wrong else 200
    response = render(request, template, {**context, "form": form}, status=status)
    seconds = getattr(refusal, "seconds", None)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response
