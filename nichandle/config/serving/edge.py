"""The edge: where a request becomes trustworthy, and where every answer gets its headers."""

import ipaddress
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation

from nichandle.platform.kernel.uploads import UploadTooLarge
from nichandle.platform.ui.errors import bad_request, maintenance, too_large

Answer = Callable[[HttpRequest], HttpResponse]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

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
    "Cross-Origin-Resource-Policy": "same-origin",
}
ALWAYS_OPEN = ("/static/", "/brand.css", "/healthz")


def edge(answer: Answer) -> Answer:
    """Make the caller's address true, refuse what is unreadable, set the headers."""

    def through(request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = caller(request)
        # This thread still speaks the language of the request before.
        translation.activate(translation.get_language_from_request(request))
        if settings.NICHANDLE_MAINTENANCE and not request.path.startswith(ALWAYS_OPEN):
            response = maintenance(request)
        else:
            response = refused(request) or answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return through


def caller(request: HttpRequest) -> str:
    """
    Return the address the request came from.

    Only what a trusted proxy appended to X-Forwarded-For is believed: read from the right, past
    every trusted proxy, the first other address is the caller.
    """
    address = _plain(str(request.META.get("REMOTE_ADDR", "")))
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    while hops and _trusted(address):
        hop = _plain(hops.pop())
        if not hop:
            break
        address = hop
    return address


def refused(request: HttpRequest) -> HttpResponse | None:
    """Answer a form too large to read, or something that holds NUL; None when all is well."""
    try:
        wrong = holds_nul(request)
    except UploadTooLarge:
        return too_large(request)
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        wrong = True
    return bad_request(request, BadRequest("unreadable")) if wrong else None


def holds_nul(request: HttpRequest) -> bool:
    """Tell whether the address or a form field holds NUL, which PostgreSQL cannot store."""
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    if request.method != "POST" or request.path.startswith("/1.0/"):
        return False
    return any("\0" in value for _, values in request.POST.lists() for value in values)


def _trusted(address: str) -> bool:
    if not address:
        return False
    found = ipaddress.ip_address(address)
    return any(found in network for network in _networks(settings.NICHANDLE_TRUSTED_PROXIES))


@cache
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def _plain(text: str) -> str:
    """Return an address as rules and people write it, ::ffff:192.0.2.1 as IPv4; empty when none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
