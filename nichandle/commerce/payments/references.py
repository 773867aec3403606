"""
Numbers of what is owed, and the creditor references made of them (ISO 11649).

A bank carries the reference with the transfer, unchanged, and its two check digits tell a slip of
the pen from another customer's number.
"""

import re
import secrets
from collections.abc import Callable

from nichandle.platform.kernel.later import later

iso11649 = later("stdnum.iso11649")
mod_97_10 = later("stdnum.iso7064.mod_97_10")

DIGITS = 10
TRIES = 8
_REFERENCE = re.compile(rf"RF\d{{2}}\d{{{DIGITS}}}(?!\d)")


class PaymentNumbersExhausted(RuntimeError):
    """Eight draws in a row were taken: time for longer numbers."""


def draw(taken: Callable[[str], bool]) -> str:
    """
    Draw a number that is not taken; it tells neither how many there are nor when.

    :raises PaymentNumbersExhausted: when so many are in use that eight draws were
    """
    for _attempt in range(TRIES):
        # The first digit is no zero: tables of banks and people would lose it.
        number = str(10 ** (DIGITS - 1) + secrets.randbelow(9 * 10 ** (DIGITS - 1)))
        if not taken(number):
            return number
    raise PaymentNumbersExhausted


def reference_of(number: str) -> str:
    """Return the creditor reference of a number: RF, two check digits, the number."""
    return f"RF{mod_97_10.calc_check_digits(f'{number}RF')}{number}"


def shown(reference: str) -> str:
    """Write a reference in groups of four, as ISO 11649 has people read it."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def number_of(reference: str) -> str:
    """Return the number in a reference of ours; empty when it is none, or a digit is wrong."""
    text = "".join(reference.split()).upper()
    return text[4:] if _REFERENCE.fullmatch(text) and iso11649.is_valid(text) else ""


def found_in(text: str) -> list[str]:
    """Return the numbers of the references in a text, however they are spaced, once each."""
    bare = re.sub(r"[^0-9A-Z]", "", text.upper())
    numbers = (number_of(match.group()) for match in _REFERENCE.finditer(bare))
    return list(dict.fromkeys(number for number in numbers if number))
