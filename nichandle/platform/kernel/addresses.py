"""E-mail addresses: the form that is stored and the key by which two are equal."""

import unicodedata

import idna
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from nichandle.platform.kernel.errors import Refused

MAXIMUM_LENGTH = 254
"""RFC 5321 section 4.5.3.1.3, less the angle brackets (RFC 3696 erratum 1690)."""


class AddressNotValid(Refused):
    code = "address.not_valid"
    message = _("Enter a complete e-mail address, such as diane@example.org.")
    field = "email"


def check(text: str) -> str:
    """
    Check an address typed by a person and return it as it will be stored.

    :raises AddressNotValid: when no mail could be sent to it
    """
    if len(text) > MAXIMUM_LENGTH or "\0" in text:
        raise AddressNotValid
    try:
        found = validate_email(text.strip(), check_deliverability=False, strict=True)
    except EmailNotValidError as reason:
        raise AddressNotValid from reason
    return found.normalized


def key(address: str) -> str:
    """
    Return the one text by which two addresses are the same.

    NFC, case folded, the domain in its ASCII form. The local part is folded too: RFC 5321 lets it
    depend on case, no provider does, and two accounts told apart by case alone would be a trap.
    """
    local, _at, domain = unicodedata.normalize("NFC", address).strip().rpartition("@")
    return f"{_fold(local)}@{_ascii(_fold(domain))}"


def domain(address: str) -> str:
    """Return the domain of an address in its ASCII form."""
    return key(address).rpartition("@")[2]


def hinted(address: str) -> str:
    """Show an address to somebody who should know it already: its first letter and its domain."""
    local, _at, host = address.rpartition("@")
    return f"{local[:1]}•••@{host}"


def mask(address: str) -> str:
    """Show enough of an address to know one's own again, not enough to write to it."""
    local, at, name = address.rpartition("@")
    return f"{local[:2]}•••{at}{name}" if address else ""


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


def _ascii(name: str) -> str:
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return name
