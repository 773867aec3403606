"""The mail that tells an address its identifiers."""

from collections.abc import Sequence

from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.operations import enqueue


def identifiers(found: Sequence[Account], *, address: str, act: Act) -> None:
    """
    Tell an address which accounts it belongs to, in the language and time zone of the first.

    In no account's list of mails: there it would show one owner the identifiers of the others, and
    where somebody asked from.
    """
    first = found[0]
    handles = [account.handle_text for account in found]
    enqueue(
        template="recovery/mail/identifiers",
        to=address,
        language=first.language,
        context={"handles": handles, "time_zone": first.time_zone},
        act=act,
    )
