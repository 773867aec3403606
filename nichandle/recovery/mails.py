"""The mails that get people back in."""

from collections.abc import Sequence
from datetime import datetime

from nichandle.accounts.models import Account
from nichandle.kernel.origin import Origin
from nichandle.outbox.operations import enqueue


def reset_link(
    account: Account, *, secret: str, expires_at: datetime, origin: Origin, now: datetime
) -> None:
    """The link that sets a new password, to the primary address."""
    enqueue(
        template="recovery/mail/reset_link",
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


def identifiers(
    account: Account, *, address: str, handles: Sequence[str], origin: Origin, now: datetime
) -> None:
    """The identifiers that belong to an address, to that address."""
    enqueue(
        template="recovery/mail/identifiers",
        to=address,
        language=account.language,
        account_id=account.pk,
        handle=account.handle.text if account.handle else "",
        context={"handles": list(handles), "time_zone": account.time_zone},
        secrets={},
        origin=origin,
        now=now,
    )
