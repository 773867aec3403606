"""Where an act came from: network address and browser."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest

from nichandle.platform.kernel.wording import browsers

AGENT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """The world around an act, brought by the edge; empty for workers and commands."""

    ip: str | None
    agent: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Origin":
        """Read it off a request whose REMOTE_ADDR the edge has already made true."""
        agent = request.headers.get("User-Agent", "")[:AGENT_LENGTH]
        return cls(ip=request.META.get("REMOTE_ADDR") or None, agent=agent)

    @property
    def network(self) -> str:
        """The neighbourhood of the address: /24 of IPv4, /64 of IPv6; empty when unknown."""
        if self.ip is None:
            return ""
        return _neighbourhood(self.ip)

    @property
    def browser(self) -> str:
        """The browser in words, such as "Firefox 145, Linux"; empty when it is none we know."""
        return browsers.named(self.agent)


NOWHERE = Origin(ip=None, agent="")


@lru_cache(maxsize=1024)
def _neighbourhood(ip: str) -> str:
    address = ipaddress.ip_address(ip)
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    width = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{width}", strict=False))
