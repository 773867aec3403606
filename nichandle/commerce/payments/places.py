"""Where the cause of a payment stands: a room above leads the pages of payments back to it."""

from collections.abc import Callable
from typing import NamedTuple


class CausePage(NamedTuple):
    """The name of a page, and the number of what it shows."""

    page: str
    number: str


PLACES: list[Callable[[str], CausePage | None]] = []
"""Each returns the page of a cause; None when it is another room's."""


def place_of(cause: str) -> CausePage | None:
    """Return the page of what is paid for; None when nobody knows one."""
    return next(filter(None, (place(cause) for place in PLACES)), None)
