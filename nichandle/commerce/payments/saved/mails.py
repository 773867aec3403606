"""What an account is told of its saved means of payment, at every address that hears of such."""

from typing import Literal

from nichandle.commerce.payments.models import SavedMeans
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act

Change = Literal["added", "removed", "preferred"]
TEMPLATES: dict[Change, str] = {
    "added": "payments/mail/means_added",
    "removed": "payments/mail/means_removed",
    "preferred": "payments/mail/means_preferred",
}


def changed(account: Account, means: SavedMeans, change: Change, *, act: Act) -> None:
    write(
        account,
        TEMPLATES[change],
        facts={"name": means.shown, "expires": means.expires},
        event=f"payment_means.{change}",
        act=act,
    )
