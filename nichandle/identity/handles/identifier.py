"""The form of an identifier: grammar, canonical text, key, check digit. Knows no database."""

import re
import unicodedata
from dataclasses import dataclass

from nichandle.identity.handles import verhoeff

MAXIMUM_LENGTH = 16
"""So that an identifier can be an EPP contact id (RFC 5733, clIDType)."""
SIX_DIGITS, SEVEN_DIGITS = 6, 7

_OWN = re.compile(r"([a-z]{2})([0-9]{4,7})([a-z]{2,5})")
_PAIR = re.compile(r"[a-z]{2}")
_BODY = re.compile(r"[0-9]{3,6}")
_SUFFIX = re.compile(r"[A-Za-z]{2,5}")
_FOREIGN = re.compile(r"[A-Za-z]{2,4}([1-9][0-9]{0,5})?(-[A-Za-z]{2,10})?")
# What people put between and around the signs, also when they copy from a mail's subject: spaces,
# dashes of all kinds, marks nobody sees, brackets and quotes.
_BETWEEN = re.compile(
    r"[\s\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff._/,;:#()\[\]<>\"'`«»‹›“”„‘’]+"
)


class NotAnIdentifier(ValueError):
    """The text has not the form of an identifier."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """Two letters, four to seven digits, a suffix: ``dm429850-OVH``."""

    letters: str
    digits: str
    suffix: str

    def __str__(self) -> str:
        return f"{self.letters}{self.digits}-{self.suffix}"

    @property
    def key(self) -> str:
        """The text by which two spellings are the same."""
        return key(str(self))

    @property
    def checked(self) -> bool:
        """Whether the last digit is the check digit; imported identifiers need not carry one."""
        return verhoeff.valid(numbers(self.letters) + self.digits)

    @classmethod
    def make(cls, letters: str, body: str, suffix: str) -> "Identifier":
        """
        Append the check digit to ``body``, the random digits.

        :raises NotAnIdentifier: when letters, digits or suffix have another form
        """
        if not (_PAIR.fullmatch(letters) and _BODY.fullmatch(body) and _SUFFIX.fullmatch(suffix)):
            raise NotAnIdentifier(f"{letters}{body}?-{suffix}")
        return cls(letters, body + verhoeff.check_digit(numbers(letters) + body), suffix)

    @classmethod
    def read(cls, text: str, *, suffix: str = "") -> "Identifier":
        """
        Read an identifier in any spelling, its suffix included.

        ``suffix`` is the operator's, as the operator writes it; others are written in capitals.

        :raises NotAnIdentifier: when it has another form
        """
        found = _OWN.fullmatch(key(text))
        if found is None:
            raise NotAnIdentifier(text)
        letters, digits, tail = found.groups()
        return cls(letters, digits, suffix if tail == suffix.casefold() else tail.upper())


def key(text: str) -> str:
    """Fold a text as typed: wide signs made narrow, no case, no spaces, no dashes."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


def is_foreign(text: str) -> bool:
    """
    Tell whether another registry may have issued this handle.

    The RIPE database's grammar of ``nic-hdl``: two to four letters, up to six digits of which the
    first is not 0, a dash and a source of two to ten letters; that is 21 signs at most.
    """
    return _FOREIGN.fullmatch(text) is not None


def numbers(letters: str) -> str:
    """Write letters as two digits each, a=01 … z=26, so that the check covers them."""
    return "".join(f"{ord(letter) - ord('a') + 1:02d}" for letter in letters)
