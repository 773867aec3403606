"""The edge: where a request becomes trustworthy, and where every answer gets its headers."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation

from nichandle.config.serving.caller import address
from nichandle.config.serving.journal import Seldom, answering
from nichandle.platform.kernel.uploads import UploadTooLarge
from nichandle.platform.ui.errors import bad_request, maintenance, too_large

Answer = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SEALED = {"Strict-Transport-Security": f"max-age={365 * 24 * 3600}"}
ALWAYS_OPEN = ("/static/", "/brand.css", "/healthz")
PROBES = ("/healthz", "/readyz")

log = logging.getLogger("nichandle.web")
_other_hosts = Seldom(60)


def edge(answer: Answer) -> Answer:
    """Make the caller's address true, refuse what is unreadable, set the headers."""

    def through(request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = caller(request)
        headers = HEADERS
        if settings.BASE_URL.startswith("https:"):
            # The proxy ended TLS; what is asked of sealed requests only is asked of ours.
            request.META["wsgi.url_scheme"] = "https"
            headers = HEADERS | SEALED
        if request.path in PROBES:
            # Balancers ask by address; nothing in the answers is made of the name.
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0]
        # This thread still speaks the language of the request before.
        translation.activate(translation.get_language_from_request(request))
        asked = answering.set(request)
        try:
            response = _answer(request, answer)
        finally:
            answering.reset(asked)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return through


def _answer(request: HttpRequest, answer: Answer) -> HttpResponse:
    if settings.NICHANDLE_MAINTENANCE and not request.path.startswith(ALWAYS_OPEN):
        return maintenance(request)
    return refused(request) or answer(request)


def caller(request: HttpRequest) -> str:
    """Return the address the request came from, as ``caller.address`` reads it."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return address(str(request.META.get("REMOTE_ADDR", "")), forwarded)


def refused(request: HttpRequest) -> HttpResponse | None:
    """Answer what is for another host, too large, or holds NUL; None when all is well."""
    try:
        wrong = for_another_host(request) or holds_nul(request)
    except UploadTooLarge:
        return too_large(request)
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        wrong = True
    return bad_request(request, BadRequest("unreadable")) if wrong else None


def for_another_host(request: HttpRequest) -> bool:
    """Tell whether the Host header names somebody else; the log hears of it once a minute."""
    try:
        request.get_host()
    except DisallowedHost:
        passed = _other_hosts.now()
        if passed is not None:
            asked = str(request.META.get("HTTP_HOST", ""))[:60]
            more = f", and {passed} more since the last such line" if passed else ""
            log.warning("a request for the host %r was refused%s", asked, more)
        return True
    return False


def holds_nul(request: HttpRequest) -> bool:
    """Tell whether the address or a form field holds NUL, which PostgreSQL cannot store."""
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    if request.method != "POST" or request.path.startswith("/1.0/"):
        return False
    return any("\0" in value for _, values in request.POST.lists() for value in values)
