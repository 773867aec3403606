"""Which two letters an identifier begins with."""

import unicodedata
from collections.abc import Iterable

from anyascii import anyascii

from nichandle.identity.handles.reserved import RESERVED

UNKNOWN = "x"
FALLBACK = "xx"


def for_person(given_name: str, family_name: str, *, reserved: Iterable[str] = ()) -> str:
    """Return the first letters of given and family name, in Latin letters."""
    return _allowed(_first(given_name) + _first(family_name), reserved)


def for_organisation(name: str, *, reserved: Iterable[str] = ()) -> str:
    """Return the initials of the first two words, or the first two letters of a single one."""
    words = [word for word in (_latin(part) for part in name.split()) if word]
    if len(words) >= 2:
        return _allowed(words[0][0] + words[1][0], reserved)
    letters = words[0] if words else ""
    return _allowed((letters + UNKNOWN * 2)[:2], reserved)


def _first(name: str) -> str:
    return (_latin(name) or UNKNOWN)[0]


def _latin(text: str) -> str:
    # Symbols have a name in Latin letters (a heart is ":heart:") but are no letters of a name.
    written = "".join(sign for sign in text if unicodedata.category(sign)[0] in "LM")
    return "".join(sign for sign in anyascii(written).lower() if "a" <= sign <= "z")


def _allowed(pair: str, reserved: Iterable[str]) -> str:
    return FALLBACK if pair in RESERVED or pair in {one.lower() for one in reserved} else pair
