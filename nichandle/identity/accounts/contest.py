"""Which addresses of an account may contest what a security mail tells them."""

from collections.abc import Iterable
from datetime import datetime

from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.platform.kernel import addresses


def contesting_addresses(account: Account, *, now: datetime) -> list[str]:
    """
    Return the addresses that may contest what happens: the primary, the established ones.

    One that was removed may for seven days more, so that removing it first gains a thief nothing.
    """
    others = account.recovery_addresses.order_by("added_at", "pk")
    return list(dict.fromkeys([account.email, *established(others, at=now, now=now)]))


def established(recovery: Iterable[RecoveryAddress], *, at: datetime, now: datetime) -> list[str]:
    """Return the recovery addresses that hear of what happens and were established by ``at``."""
    return [row.address for row in recovery if row.hears(now) and row.was_established(at)]


def may_set_password(account: Account, *, since: datetime, now: datetime) -> list[str]:
    """
    Return the addresses through which a new password is set while an event is contested.

    The primary one always, and the recovery addresses established before the event: so that no
    mailbox alone shuts the other out.
    """
    others = account.recovery_addresses.order_by("added_at", "pk")
    return list(dict.fromkeys([account.email, *established(others, at=since, now=now)]))


def may_contest(account: Account, address: str, *, now: datetime) -> bool:
    """
    Tell whether an address may contest what happens now, whatever it was when it was written to.

    A link is as good as the address it was mailed to: one that the account has given up opens
    nothing, or the mailbox somebody left behind would be a way into the account.
    """
    able = {addresses.key(one) for one in contesting_addresses(account, now=now)}
    return addresses.key(address) in able
