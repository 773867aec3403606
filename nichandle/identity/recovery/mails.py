"""The mails that get people back in."""

from collections.abc import Sequence
from datetime import datetime

from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.operations import enqueue


def reset_link(
    account: Account,
    *,
    to: str,
    secret: str,
    expires_at: datetime,
    origin: Origin,
    now: datetime,
) -> None:
    """The link that sets a new password."""
    enqueue(
        template="recovery/mail/reset_link",
        to=to,
        language=account.language,
        account_id=account.pk,
        handle=account.handle.text if account.handle else "",
        context={"time_zone": account.time_zone},
        secrets={"secret": secret},
        origin=origin,
        now=now,
        expires_at=expires_at,
    )


def identifiers(found: Sequence[Account], *, address: str, origin: Origin, now: datetime) -> None:
    """
    The identifiers that belong to an address, to that address.

    In no account's list of mails: there it would show one owner the identifiers of the others, and
    where somebody asked from.
    """
    enqueue(
        template="recovery/mail/identifiers",
        to=address,
        language=found[0].language,
        account_id=None,
        handle="",
        context={
            "handles": [account.handle.text for account in found if account.handle],
            "time_zone": found[0].time_zone,
        },
        secrets={},
        origin=origin,
        now=now,
    )


def reset_by_recovery(
    account: Account,
    *,
    to: Sequence[str],
    secret: str,
    expires_at: datetime,
    origin: Origin,
    now: datetime,
) -> None:
    """Word to the primary address that links went elsewhere, with the link that stops them."""
    enqueue(
        template="recovery/mail/reset_by_recovery",
        to=account.email,
        language=account.language,
        account_id=account.pk,
        handle=account.handle.text if account.handle else "",
        context={"addresses": list(to), "time_zone": account.time_zone},
        secrets={"secret": secret},
        origin=origin,
        now=now,
        expires_at=expires_at,
    )


def secured(account: Account, *, to: Sequence[str], origin: Origin, now: datetime) -> None:
    """Word that somebody said "it was not me", to every address of the account."""
    for address in to:
        enqueue(
            template="recovery/mail/secured",
            to=address,
            language=account.language,
            account_id=account.pk,
            handle=account.handle.text if account.handle else "",
            context={"time_zone": account.time_zone},
            secrets={},
            origin=origin,
            now=now,
        )


def given_back(
    account: Account, *, secret: str, expires_at: datetime, origin: Origin, now: datetime
) -> None:
    """The link that sets a password after an approved case, to the one address that remains."""
    enqueue(
        template="recovery/mail/given_back",
        to=account.email,
        language=account.language,
        account_id=account.pk,
        handle=account.handle.text if account.handle else "",
        context={"time_zone": account.time_zone},
        secrets={"secret": secret},
        origin=origin,
        now=now,
        expires_at=expires_at,
    )
