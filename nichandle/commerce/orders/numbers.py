"""Numbers of orders: "C" and eight random digits, so that they tell neither how many nor when."""

import re
import secrets
from collections.abc import Callable

DIGITS = 8
TRIES = 8
NUMBER = re.compile(r"C[0-9]{8}\Z")


class NumbersExhausted(RuntimeError):
    """Eight draws in a row were taken: time for longer numbers."""


def draw(taken: Callable[[str], bool]) -> str:
    """
    Draw a number that is not taken; the table's unique column is the proof.

    :raises NumbersExhausted: when so many are in use that eight draws were
    """
    for _attempt in range(TRIES):
        number = f"C{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        if not taken(number):
            return number
    raise NumbersExhausted


def made_name(label: str, number: str, position: int) -> str:
    """Return what is called so because the customer gave it no name: its label, told apart."""
    return f"{label} {number}-{position}"


def read(typed: str) -> str:
    """Return the number that somebody typed, in its own form; nothing when it is none."""
    text = re.sub(r"[\s.-]", "", typed).upper()
    text = text if text.startswith("C") else f"C{text}"
    return text if NUMBER.match(text) else ""
