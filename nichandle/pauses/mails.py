"""The mail of this room."""

from datetime import datetime

from nichandle.accounts.models import Account
from nichandle.kernel.origin import Origin
from nichandle.outbox.operations import enqueue


def code(
    account: Account, *, to: str, code: str, until: datetime, at: datetime, by: Origin
) -> None:
    """The code that ends the pauses, to an address that was established before them."""
    enqueue(
        template="pauses/mail/code",
        to=to,
        language=account.language,
        account_id=account.pk,
        handle=account.handle.text if account.handle else "",
        context={"time_zone": account.time_zone},
        secrets={"code": code},
        origin=by,
        now=at,
        expires_at=until,
    )
