"""The wider networks an IPv6 address is in: whoever has one has all the narrow ones within it."""

import re
from functools import lru_cache
from ipaddress import ip_network

TIMES = {"56": 2, "48": 4}
"""
How many times the count of a /64 a /56 and a /48 have. A home is given a /56 or a /48 (RFC 6177,
RIPE-690), so that counting by /64 alone would give it 256 allowances, or 65,536.
"""
_NARROW = re.compile(r"[0-9a-f:]+/64")


@lru_cache(maxsize=1024)
def networks(network: str) -> dict[str, str]:
    """Return the /56 and the /48 around a /64, by width; nothing for what is no /64."""
    if not _NARROW.fullmatch(network):
        return {}
    try:
        narrow = ip_network(network)
    except ValueError:
        return {}
    return {width: str(narrow.supernet(new_prefix=int(width))) for width in TIMES}
