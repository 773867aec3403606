"""What the outbox tells the rooms above: how their own mails have ended."""

from collections.abc import Callable
from datetime import datetime

from nichandle.platform.outbox.models import Mail

Hear = Callable[[Mail, datetime], None]
HEARERS: dict[str, Hear] = {}


def watch(room: str, hear: Hear) -> None:
    """
    Let a room hear when a mail of its own, whose template is in its folder, was accepted or ended.

    Called inside the transaction that says so; only writes rows. Other rooms' mails pay nothing.
    """
    HEARERS[room] = hear


def watched(mail: Mail) -> bool:
    """Tell whether the room of a mail wants to hear of its end."""
    return _room(mail) in HEARERS


def settled(mail: Mail, *, now: datetime) -> None:
    """Tell the room of a mail that it was accepted or has ended without."""
    hear = HEARERS.get(_room(mail))
    if hear is not None:
        hear(mail, now)


def _room(mail: Mail) -> str:
    return str(mail.template).partition("/")[0]
