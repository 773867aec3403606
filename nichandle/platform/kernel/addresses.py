"""
E-mail addresses: what is stored, the key by which two are equal, what travels, what is shown.

Four forms of one address, and none stands for another: mail leaves to ``on_the_wire`` of what was
stored, never to a key; a page or mail shows ``shown`` of it (docs/adr/0017, 0018).
"""

import re
import unicodedata
from functools import lru_cache

import idna
from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.later import later
from nichandle.platform.kernel.wording.lookalikes import misleading

email_validator = later("email_validator")

LONGEST_TYPED = 1000
MAXIMUM_LENGTH = 254
"""RFC 5321 section 4.5.3.1.3, less the angle brackets (RFC 3696 erratum 1690)."""
_ORDINARY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*")
"""Domains that need no encoding; ``xn--`` and the like are left to the library."""
_LONGEST_LABEL, _LONGEST_NAME = 63, 253
_BECOMES_ASCII = re.compile("([\u037e\u1fef\u212a])")
"""What NFC makes an ASCII sign: Greek question mark, varia, Kelvin. No address means those."""


_FULL_WIDTH_AT = re.compile("[\uff20\ufe6b]")
_OPEN, _CLOSED = "<\u2039\u27e8", ">\u203a\u27e9"
_BRACKETED = re.compile(
    rf"[^@{_OPEN}{_CLOSED}]*[{_OPEN}]([^{_OPEN}{_CLOSED}]*)[{_CLOSED}][^@{_OPEN}{_CLOSED}]*"
)
_SCHEME = re.compile(r"(?i)mailto:")
SOFT_HYPHEN = "\u00ad"


class AddressNotValid(Refused):
    code = "address.not_valid"
    message = _("Enter a complete e-mail address, such as diane@example.org.")
    field = "email"


def check(text: str) -> str:
    """
    Check an address typed by a person and return it as it will be stored.

    :raises AddressNotValid: when no mail could be sent to it
    """
    given = typed(text)
    if len(given) > MAXIMUM_LENGTH or "\0" in given or _BECOMES_ASCII.search(given):
        raise AddressNotValid
    try:
        found = email_validator.validate_email(given, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError as reason:
        raise AddressNotValid from reason
    if encoded(found.domain) is None:
        raise AddressNotValid
    return str(found.normalized)


def typed(text: str) -> str:
    """
    Return an address without what copying it from elsewhere brings along.

    Signs at its ends that nobody sees (Unicode's Cf: marks of direction, zero width, the BOM), a
    ``mailto:`` with what follows it, the brackets of ``Diane <diane@example.org>``, the full-width
    @ of Asian keyboards, soft hyphens, and the punctuation of the sentence it ended.
    """
    if len(text) > LONGEST_TYPED:
        return text
    text = _bare(_FULL_WIDTH_AT.sub("@", text.replace(SOFT_HYPHEN, "")))
    if found := _BRACKETED.fullmatch(text):
        text = _bare(found[1])
    if found := _SCHEME.match(text):
        text = text[found.end() :].partition("?")[0]
    return _bare(text.rstrip(".,;:")) if "@" in text else text


def _bare(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _unseen(text[start]):
        start += 1
    while end > start and _unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def _unseen(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) == "Cf"


def key(address: str) -> str:
    """
    Return the one text by which two addresses are the same.

    NFC, the domain in its ASCII form, the local part in small letters: RFC 5321 lets it depend on
    case, no provider does, and two accounts told apart by case alone would be a trap. Only case is
    folded, no letter into another: ß and ss, ſ and s, the Kelvin sign and k are different
    mailboxes at a server that takes them. Of what is no address it is some text, equal for equal.
    """
    local, _at, name = _composed(address).strip().rpartition("@")
    return f"{_small(local)}@{encoded(name) or _small(name)}"


def mailbox(address: str) -> str:
    """
    Return the key of the mailbox an address most likely ends in, for limits of what it is sent.

    What follows a ``+`` (RFC 5233, in use at Gmail, Outlook, Fastmail and others) is the owner's to
    vary and anybody's who writes to them, so it is left out. Never used to tell accounts apart.
    """
    local, _at, name = key(address).rpartition("@")
    return f"{local.partition('+')[0] or local}@{name}"


def domain(address: str) -> str:
    """Return the domain of an address in its ASCII form."""
    return key(address).rpartition("@")[2]


def on_the_wire(address: str) -> str:
    """
    Return a stored address as envelope and header carry it: its domain as A-labels.

    :raises ValueError: when its domain has no such form, so that no mail can be sent to it
    """
    local, _at, name = address.rpartition("@")
    ascii_name = encoded(name)
    if ascii_name is None:
        raise ValueError("an address whose domain cannot be encoded")
    return f"{local}@{ascii_name}"


def encoded(name: str) -> str | None:
    """
    Return a domain as A-labels; None when it has none.

    IDNA 2008, mapped as UTS 46 says without its transitional processing, which would send mail for
    faß.example to fass.example, and by the rules of STD 3 for host names. Nothing folds it before.
    """
    # No form of a domain is longer than its A-labels, and the library's time grows with the length.
    if len(name) > _LONGEST_NAME:
        return None
    small = name.lower() if name.isascii() else ""
    if _ORDINARY.fullmatch(small) and max(map(len, small.split("."))) <= _LONGEST_LABEL:
        return small
    try:
        return idna.encode(name, uts46=True, std3_rules=True, transitional=False).decode()
    except idna.IDNAError:
        return None


def shown(address: str) -> str:
    """
    Return an address as a person may read it: beside one that looks like another, what it is.

    A domain in which scripts mix, or that is made of look-alikes, is followed by its A-label; the
    letters of such a local part by their numbers. An honest one is left alone, in any script, and
    so is what is no address, or shown so already.
    """
    if "@" not in address or " " in address:
        return address
    local, at, name = address.rpartition("@")
    plain_local, plain_name = _plain_local(local, name), _plain_name(name)
    if (plain_local, plain_name) == (local, name):
        return address
    return f"{address} ({plain_local}{at}{plain_name})"


def hinted(address: str) -> str:
    """Show an address to somebody who should know it already: its first letter and its domain."""
    return _veiled(address, letters=1)


def mask(address: str) -> str:
    """Show enough of an address to know one's own again, not enough to write to it."""
    return _veiled(address, letters=2) if address else ""


def _veiled(address: str, *, letters: int) -> str:
    local, _at, name = address.rpartition("@")
    begins, plain_name = local[:letters], _plain_name(name)
    if _plain_local(local, name) != local:
        begins = _numbered(begins)
    beside = f" ({plain_name})" if plain_name != name else ""
    return f"{begins}•••@{name}{beside}"


def _plain_name(name: str) -> str:
    """Return a domain by its A-labels where one of its labels misleads, else as it is."""
    labels = name.split(".")
    if any(misleading(label, under=labels[-1]) for label in labels):
        return encoded(name) or _numbered(name)
    return name


def _plain_local(local: str, name: str) -> str:
    misleads = misleading(local, under=name.rpartition(".")[2])
    return _numbered(local) if misleads else local


def _numbered(text: str) -> str:
    """Write signs beyond ASCII by their numbers in Unicode."""
    return "".join(sign if sign.isascii() else f"[U+{ord(sign):04X}]" for sign in text)


def _composed(text: str) -> str:
    """Bring to NFC, but let no sign become one of ASCII."""
    parts = _BECOMES_ASCII.split(text)
    return "".join(
        part if _BECOMES_ASCII.fullmatch(part) else unicodedata.normalize("NFC", part)
        for part in parts
    )


def _small(text: str) -> str:
    # Composed again: the small letter of an accented capital may be composed where that is not.
    return _composed("".join(_small_letter(sign) for sign in text))


@lru_cache(maxsize=4096)
def _small_letter(sign: str) -> str:
    """
    Return the small form of a capital, if that is the small form of no other letter.

    So the Kelvin and Ohm signs and ϴ stay themselves, and of the two small sigmas Σ is always σ,
    whatever stands around it. ẞ is the one capital that is not had back from its small letter.
    """
    small = sign.lower()
    own = small.upper() == sign or sign == "\N{LATIN CAPITAL LETTER SHARP S}"
    return small if len(small) == 1 and own else sign
