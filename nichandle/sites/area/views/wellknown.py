"""Addresses that programs look for on every site (RFC 8615)."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

GOOD_FOR = timedelta(days=90)
"""RFC 9116, section 2.5.5, recommends less than a year."""


@login_not_required
@require_safe
def change_password(_request: HttpRequest) -> HttpResponse:
    """Lead password managers to the page (W3C, a well-known URL for changing passwords)."""
    return redirect("area:password")


@login_not_required
@require_safe
def security(_request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a weakness (RFC 9116), where the operator has said so."""
    contact = settings.NICHANDLE_SECURITY_CONTACT
    if not contact:
        raise Http404
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {(today + GOOD_FOR).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
