"""The mail of this room."""

from datetime import datetime

from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.operations import enqueue


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
