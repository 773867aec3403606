"""Who calls: one reading of the caller's address, for every proxy and every part of the server."""

import ipaddress
import logging
import re
from functools import cache

from django.conf import settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

log = logging.getLogger("nichandle.web")

_BRACKETED = re.compile(r"\[([^\[\]]+)\](?::\d{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):\d{1,5}")


def address(peer: str, forwarded: str) -> str:
    """
    Return the address a request came from; empty when it is unknown.

    Only what a trusted proxy appended to X-Forwarded-For is believed: read from the right, past
    every trusted proxy, the first other address is the caller.
    """
    found, left = plain(peer), forwarded
    while left and _trusted(found):
        left, _comma, entry = left.rpartition(",")
        if not entry.strip():
            continue
        hop = plain(entry)
        if not hop:
            _say_once(found)
            break
        found = hop
    return found


def neighbourhood(peer: str, forwarded: str) -> str:
    """Return whose turn it is when requests wait: /24 of IPv4, /48 of IPv6."""
    found = address(peer, forwarded)
    if not found:
        return ""
    width = 48 if ":" in found else 24
    return str(ipaddress.ip_network(f"{found}/{width}", strict=False))


def plain(text: str) -> str:
    """
    Return an address as rules and people write it; empty when it is none.

    Without port and brackets, as some proxies add them, without zone (RFC 4007 section 11), and
    ::ffff:192.0.2.1 as IPv4.
    """
    text = text.strip().strip('"')
    found = _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text)
    bare = (found[1] if found else text).partition("%")[0]
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:
        return ""
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def _trusted(found: str) -> bool:
    if not found:
        return False
    parsed = ipaddress.ip_address(found)
    return any(parsed in network for network in _networks(settings.NICHANDLE_TRUSTED_PROXIES))


@cache
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


@cache
def _say_once(proxy: str) -> None:
    log.warning(
        "the trusted proxy %s wrote into X-Forwarded-For what is no address: its own is taken for "
        "the caller's, and all behind it share their limits",
        proxy,
    )
