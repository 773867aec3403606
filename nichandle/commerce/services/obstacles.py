"""
What keeps an account from taking part in a hand-over: one named list.

A room above adds its own (unpaid invoices, say) with ``add`` when it starts. Each is told to the
person whose account it is, and to nobody else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.models import Account
from nichandle.identity.pauses import operations as pauses
from nichandle.platform.kernel.errors import Refused

Look = Callable[[Account, datetime], Refused | None]


class AccountFrozen(Refused):
    code = "obstacle.account_frozen"
    message = _("Your account is frozen: customer service can tell you why.")
    status = 403


class AccountClosed(Refused):
    code = "obstacle.account_closed"
    message = _("This account is closed.")
    status = 403


@dataclass(frozen=True, slots=True)
class Obstacle:
    """``look`` returns the refusal when it stands; one that ``passes`` ends by itself."""

    name: str
    look: Look
    passes: bool = False


def _closed(account: Account, now: datetime) -> Refused | None:
    return AccountClosed() if account.state == Account.State.CLOSED else None


def _frozen(account: Account, now: datetime) -> Refused | None:
    return AccountFrozen() if account.state == Account.State.FROZEN else None


def _paused(account: Account, now: datetime) -> Refused | None:
    try:
        pauses.require(account.pk, "contact.hand_over", now=now)
    except pauses.Paused as pause:
        return pause
    return None


OBSTACLES = {
    obstacle.name: obstacle
    for obstacle in (
        Obstacle("closed", _closed),
        Obstacle("frozen", _frozen),
        Obstacle("paused", _paused, passes=True),
    )
}


def add(obstacle: Obstacle) -> None:
    """Add an obstacle to the list; a room does it once, when it starts."""
    OBSTACLES[obstacle.name] = obstacle


@dataclass(frozen=True, slots=True)
class Standing:
    """An obstacle that stands in the way, and what its owner is told."""

    refusal: Refused
    passes: bool


def first(account: Account, *, now: datetime) -> Standing | None:
    """Return the first obstacle that stands, those that last before those that pass."""
    for obstacle in sorted(OBSTACLES.values(), key=lambda one: one.passes):
        refusal = obstacle.look(account, now)
        if refusal is not None:
            return Standing(refusal, obstacle.passes)
    return None


def require_none(account: Account, *, now: datetime) -> None:
    """:raises Refused: the refusal of the first obstacle that stands"""
    standing = first(account, now=now)
    if standing is not None:
        raise standing.refusal
