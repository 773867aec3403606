"""The form of an identifier: grammar, canonical text, key, check digit. Knows no database."""

import re
from dataclasses import dataclass

from nichandle.handles import verhoeff

MAXIMUM_LENGTH = 16
"""So that an identifier can be an EPP contact id (RFC 5733, clIDType)."""
SIX_DIGITS, SEVEN_DIGITS = 6, 7

_OWN = re.compile(r"([a-z]{2})([0-9]{4,7})([a-z]{2,5})")
_FOREIGN = re.compile(r"[A-Za-z]{2,4}([1-9][0-9]{0,5})?(-[A-Za-z][A-Za-z0-9]{0,8}[A-Za-z])?")
_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015._/]+")


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
        return verhoeff.holds(_numbers(self.letters) + self.digits)

    @classmethod
    def make(cls, letters: str, body: str, suffix: str) -> "Identifier":
        """Append the check digit to ``body``, the random digits."""
        return cls(letters, body + verhoeff.check_digit(_numbers(letters) + body), suffix)

    @classmethod
    def read(cls, text: str) -> "Identifier":
        """
        Read an identifier in any spelling, suffix included.

        :raises NotAnIdentifier: when it has another form
        """
        found = _OWN.fullmatch(key(text))
        if found is None:
            raise NotAnIdentifier(text)
        letters, digits, suffix = found.groups()
        return cls(letters, digits, suffix.upper())


def key(text: str) -> str:
    """Fold a text as typed: no case, no spaces, no dashes."""
    return _SEPARATORS.sub("", text).casefold()


def is_foreign(text: str) -> bool:
    """Tell whether a text may be imported: the RIPE database's grammar of ``nic-hdl``."""
    return len(text) <= 30 and _FOREIGN.fullmatch(text) is not None


def _numbers(letters: str) -> str:
    """Write letters as two digits each, a=01 … z=26, so that the check covers them."""
    return "".join(f"{ord(letter) - ord('a') + 1:02d}" for letter in letters)
