"""The mails about signing in."""

from datetime import datetime
from uuid import UUID

from nichandle.accounts.contest import not_me_links
from nichandle.accounts.queries import known_addresses, profile
from nichandle.kernel.origin import Origin
from nichandle.outbox.operations import enqueue
from nichandle.signin.known import Seen


def new_place(account_id: UUID, found: Seen, *, origin: Origin, now: datetime) -> None:
    """Word of a sign-in from a browser or a network not seen before."""
    account = profile(account_id)
    links = not_me_links(account, "signin.succeeded", to=[account.email], now=now)
    enqueue(
        template="signin/mail/new_place",
        to=account.email,
        language=account.language,
        account_id=account_id,
        handle=account.handle.text if account.handle else "",
        context={
            "new_browser": not found.browser,
            "new_network": not found.network,
            "time_zone": account.time_zone,
        },
        secrets=links.get(account.email, {}),
        origin=origin,
        now=now,
    )


def password_changed(account_id: UUID, *, origin: Origin, now: datetime) -> None:
    """Word of a changed password, to every address of the account."""
    account = profile(account_id)
    to = known_addresses(account, now=now)
    links = not_me_links(account, "password.changed", to=to, now=now)
    for address in to:
        enqueue(
            template="signin/mail/password_changed",
            to=address,
            language=account.language,
            account_id=account_id,
            handle=account.handle.text if account.handle else "",
            context={"time_zone": account.time_zone},
            secrets=links.get(address, {}),
            origin=origin,
            now=now,
        )
