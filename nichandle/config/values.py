"""How the text of a setting is read: one function for each kind, which says what is wrong."""

import os
import re
from datetime import timedelta
from ipaddress import IPv6Address, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import idna

from nichandle.platform.kernel.wording.languages import known


class Choice:
    """A closed list of words."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.__name__ = " or ".join(words)

    def __call__(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(f"must be {self.__name__}")
        return text


def text(value: str) -> str:
    return value


def flag(value: str) -> bool:
    if value.lower() not in {"yes", "no", "true", "false", "1", "0"}:
        raise ValueError("must be yes or no")
    return value.lower() in {"yes", "true", "1"}


MOST_BY_DEFAULT = 8
"""Web processes nobody has asked for: each takes some 25 MB when idle, and a hash 19 more."""


def count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ValueError("must be a whole number from 1 up")
    return int(value)


def processes(value: str) -> int:
    """So many as are said, or by default one for each core that this process may use."""
    if value:
        return count(value)
    return min(len(os.sched_getaffinity(0)), MOST_BY_DEFAULT)


def port(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise ValueError("must be a port, from 1 to 65535")
    return int(value)


def words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def networks(value: str) -> tuple[str, ...]:
    found = words(value)
    try:
        return tuple(str(ip_network(each, strict=False)) for each in found)
    except ValueError:
        raise ValueError("must be networks such as 10.0.0.0/8, separated by commas") from None


DEFAULT_PORTS = {"http": 80, "https": 443}


def endpoint(value: str) -> str:
    """Return the address of a program that is called, with its path."""
    value = value.strip()
    if not value:
        return ""
    wrong = ValueError("must be an address such as https://provisioning.example.com/orders")
    try:
        parts = urlsplit(value)
        _given = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme.lower() not in DEFAULT_PORTS or not parts.hostname:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no user and no password: what is sent there is signed")
    return value


def web_address(value: str) -> str:
    """Return an address as browsers write an origin: without a port nobody says."""
    value = value.strip()
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        given = parts.port
    except ValueError:
        raise ValueError("must be a web address such as https://area.example.com") from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError("must be a web address such as https://area.example.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no user and no password")
    if parts.path.strip("/") or parts.query or parts.fragment or "?" in value or "#" in value:
        raise ValueError("must end with the host or its port: pages stand at its root")
    host = _host(parts.hostname)
    port = "" if given in {None, DEFAULT_PORTS[scheme]} else f":{given}"
    return f"{scheme}://{host}{port}"


def _host(name: str) -> str:
    """Return a host as it stands in a Host header."""
    try:
        if ":" in name:
            return f"[{IPv6Address(name)}]"
        if name.endswith("."):
            raise ValueError("browsers send the dot, and take it for another name")
        # As browsers do it (UTS 46), so that both write the same name.
        return idna.encode(name, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError, ValueError):
        raise ValueError("must have a host that a browser can ask for") from None


def contact(value: str) -> str:
    address = re.fullmatch(r"mailto:[^\s@]+@[^\s@]+|https://[^\s/]+\S*|tel:\+[\d-]+", value)
    if value and not address:
        raise ValueError("must be mailto:security@example.com or an https:// address")
    return value


def mail_server(value: str) -> str:
    try:
        parts = urlsplit(value)
        known = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if value and not known:
        raise ValueError("must be a mail server such as smtp://mail.example.com:587?starttls=1")
    return value


def time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        raise ValueError("must be a time zone such as Europe/Paris") from None
    return value


def country(value: str) -> str:
    if not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
        raise ValueError("must be two capitals, such as FR")
    return value


def path(value: str) -> Path:
    return Path(value).expanduser().resolve()


def minutes(value: str) -> timedelta:
    return timedelta(minutes=count(value))


def days(value: str) -> timedelta:
    return timedelta(days=count(value))


def languages(value: str) -> tuple[str, ...]:
    found = words(value.lower())
    if not found or not set(found) <= set(known()) or len(set(found)) < len(found):
        raise ValueError(f"must be languages among {', '.join(known())}, separated by commas")
    return found


STAFF_ROLES = ("reviewer",)
"""The roles of the provider's own staff; those of a desk to come are named here."""


def staff_roles(value: str) -> tuple[str, ...]:
    found = words(value)
    if not set(found) <= set(STAFF_ROLES):
        raise ValueError(f"must be roles among {', '.join(STAFF_ROLES)}, separated by commas")
    return found


MEANS_OF_PAYMENT = ("stripe", "transfer", "test")


def means_of_payment(value: str) -> tuple[str, ...]:
    found = words(value)
    if not set(found) <= set(MEANS_OF_PAYMENT) or len(set(found)) < len(found):
        raise ValueError(f"must be means among {', '.join(MEANS_OF_PAYMENT)}, each once")
    return found


def suffix(value: str) -> str:
    if not (2 <= len(value) <= 5 and value.isascii() and value.isalpha()):
        raise ValueError("must be 2 to 5 letters, such as OVH")
    return value
