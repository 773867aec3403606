"""The operator's colours and logo, and the style page of demo mode."""

import hashlib
from datetime import timedelta
from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from nichandle.platform.ui.brand import stylesheet

SAMPLES = {
    "wait": timedelta(minutes=3),
    "silence": timedelta(hours=24),
    "reopen": timedelta(days=30),
}
"""Lengths of time for the style page, which rule nothing."""
LOGO_TYPES = {".svg": "image/svg+xml; charset=utf-8", ".png": "image/png"}


@login_not_required
@require_safe
def brand_css(request: HttpRequest) -> HttpResponse:
    text = stylesheet(settings.NICHANDLE_ACCENT)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    response = HttpResponse(text, content_type="text/css; charset=utf-8")
    response.headers["ETag"] = tag
    patch_cache_control(response, public=True, max_age=300)
    return get_conditional_response(request, etag=tag, response=response) or response


@login_not_required
@require_safe
def logo(request: HttpRequest) -> HttpResponseBase:
    path = Path(settings.NICHANDLE_LOGO)
    if not settings.NICHANDLE_LOGO or path.suffix not in LOGO_TYPES or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type=LOGO_TYPES[path.suffix])


@login_not_required
@require_safe
def style(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    wrong = Sample({"name": "", "kind": "company", "accept": ""})
    shown = {"form": Sample(), "wrong": wrong, "now": timezone.now(), "samples": SAMPLES}
    return render(request, "ui/style.html", shown)


class Sample(forms.Form):
    """One field of each sort, for the style page."""

    name = forms.CharField(
        label=_("Given name"), help_text=_("Example: %(example)s") % {"example": "Diane"}
    )
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput)
    country = forms.ChoiceField(
        label=_("Country"), choices=[("FR", "France"), ("DE", "Deutschland")]
    )
    kind = forms.ChoiceField(
        label=_("Who holds the account?"),
        choices=[("individual", _("Individual")), ("company", _("Company"))],
        widget=forms.RadioSelect,
    )
    accept = forms.BooleanField(label=_("I have read the terms"))
