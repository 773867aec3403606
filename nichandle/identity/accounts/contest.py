"""The link of a security mail by which an established address contests what the mail tells."""

from collections.abc import Collection
from datetime import datetime

from nichandle.identity.accounts.models import Account
from nichandle.identity.notme.operations import mint
from nichandle.platform.kernel import addresses


def not_me_links(
    account: Account, event: str, *, to: Collection[str], now: datetime
) -> dict[str, dict[str, str]]:
    """
    Return, for each address in ``to`` that may contest ``event``, the secrets of its mail.

    An address too young to contest has no entry: its mail carries no link.
    """
    return {
        address: {"not_me": mint(account_id=account.pk, event=event, address=address, now=now)}
        for address in contesting_addresses(account, now=now)
        if address in to
    }


def contesting_addresses(account: Account, *, now: datetime) -> list[str]:
    """
    Return the addresses that may contest what happens: the primary, the established ones.

    One that was removed may for seven days more, so that removing it first gains a thief nothing.
    """
    others = account.recovery_addresses.order_by("added_at", "pk")
    able = [row.address for row in others if row.hears(now) and row.was_established(now)]
    return list(dict.fromkeys([account.email, *able]))


def may_contest(account: Account, address: str, *, now: datetime) -> bool:
    """
    Tell whether an address may contest what happens now, whatever it was when it was written to.

    A link is as good as the address it was mailed to: one that the account has given up opens
    nothing, or the mailbox somebody left behind would be a way into the account.
    """
    able = {addresses.key(one) for one in contesting_addresses(account, now=now)}
    return addresses.key(address) in able
