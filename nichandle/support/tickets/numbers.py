"""Numbers of tickets: "T" and eight random digits, so that they tell neither how many nor when."""

import re
import secrets

from nichandle.support.tickets.models import Ticket

DIGITS, TRIES = 8, 8
NUMBER = re.compile(r"T[0-9]{8}\Z")


class TicketNumbersExhausted(RuntimeError):
    """Eight draws in a row were taken: time for longer numbers."""


def draw() -> str:
    """
    Draw a number that is not taken; the table's unique column is the proof.

    :raises TicketNumbersExhausted: when so many are in use that eight draws were
    """
    for _attempt in range(TRIES):
        number = f"T{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        if not Ticket.objects.filter(number=number).exists():
            return number
    raise TicketNumbersExhausted


def read(typed: str) -> str:
    """Return the number that somebody typed, in its own form; nothing when it is none."""
    text = re.sub(r"[\s.-]", "", typed).upper()
    text = text if text.startswith("T") else f"T{text}"
    return text if NUMBER.match(text) else ""
