"""The mails about signing in."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from nichandle.identity.accounts.contest import not_me_links
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import known_addresses, profile
from nichandle.identity.signin.models import Challenge
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.operations import enqueue, supersede


class SignInFacts(Protocol):
    """What is worth telling of a sign-in: see ``known.Seen``."""

    @property
    def new_place(self) -> bool: ...
    @property
    def browser(self) -> bool: ...
    @property
    def network(self) -> bool: ...
    @property
    def failures(self) -> int: ...


def signed_in(account_id: UUID, found: SignInFacts, *, origin: Origin, now: datetime) -> None:
    """Word of a sign-in: from a new place, after failures, or because every one is to be told."""
    account = profile(account_id)
    facts = {
        "new_browser": found.new_place and not found.browser,
        "new_network": found.new_place and not found.network,
        "failures": found.failures,
    }
    to = [account.email]
    _tell(account, "signin/mail/new_place", facts, origin, now, to=to, event="signin.succeeded")


def rules_changed(account_id: UUID, *, origin: Origin, now: datetime) -> None:
    """Word of changed network rules, to every address of the account."""
    account = profile(account_id)
    _tell(account, "signin/mail/rules_changed", {}, origin, now, event="network_rules.added")


def rules_suspended(account_id: UUID, *, origin: Origin, now: datetime) -> None:
    """Word of a sign-in from outside the network rules, to every address of the account."""
    account = profile(account_id)
    _tell(account, "signin/mail/rules_suspended", {}, origin, now, event="network_rules.suspended")


def opening(account: Account, *, to: str, secret: str, origin: Origin, now: datetime) -> None:
    """The link that opens a browser, to one address."""
    enqueue(
        template="signin/mail/opening",
        to=to,
        language=account.language,
        account_id=account.pk,
        handle=account.handle.text if account.handle else "",
        context={"time_zone": account.time_zone},
        secrets={"secret": secret},
        origin=origin,
        now=now,
        expires_at=now + timedelta(hours=1),
    )


def opening_elsewhere(
    account: Account, addresses: Collection[str], *, origin: Origin, now: datetime
) -> None:
    """Word to the primary address that the link went to the recovery addresses."""
    facts = {"addresses": ", ".join(addresses)}
    to = [account.email] if account.email else []
    _tell(
        account,
        "signin/mail/opening_elsewhere",
        facts,
        origin,
        now,
        to=to,
        event="signin.opening_sent",
    )


def password_changed(account_id: UUID, *, origin: Origin, now: datetime) -> None:
    """Word of a changed password, to every address of the account."""
    _tell(
        profile(account_id),
        "signin/mail/password_changed",
        {},
        origin,
        now,
        event="password.changed",
    )


def code(
    account: Account, challenge: Challenge, *, code: str, origin: Origin, now: datetime
) -> None:
    """The code that an unknown browser asks for, to where it was asked; the one before is void."""
    links = not_me_links(account, "signin.code_sent", to=[challenge.sent_to], now=now)
    supersede(template="signin/mail/code", account_id=account.pk, now=now)
    enqueue(
        template="signin/mail/code",
        to=challenge.sent_to,
        language=account.language,
        account_id=account.pk,
        handle=account.handle.text if account.handle else "",
        context={"time_zone": account.time_zone},
        secrets={"code": code, **links.get(challenge.sent_to, {})},
        origin=origin,
        now=now,
        expires_at=challenge.code_expires_at,
    )


def code_elsewhere(
    account: Account, challenge: Challenge, *, origin: Origin, now: datetime
) -> None:
    """Word to the primary address that a code went to a recovery address."""
    facts = {"address": challenge.sent_to}
    to = [account.email]
    _tell(
        account, "signin/mail/code_elsewhere", facts, origin, now, to=to, event="signin.code_sent"
    )


def half_finished(account_id: UUID, *, origin: Origin, now: datetime) -> None:
    """Word of somebody who knew the password and had no factor."""
    _tell(
        profile(account_id),
        "signin/mail/half_finished",
        {},
        origin,
        now,
        event="signin.half_finished",
    )


def code_used(account_id: UUID, *, left: int, origin: Origin, now: datetime) -> None:
    """Word of a recovery code that was used."""
    _tell(
        profile(account_id),
        "signin/mail/code_used",
        {"left": left},
        origin,
        now,
        event="factors.code_used",
    )


def codes_made(account_id: UUID, *, origin: Origin, now: datetime) -> None:
    """Word of new recovery codes; the ones before are void."""
    _tell(
        profile(account_id), "signin/mail/codes_made", {}, origin, now, event="factors.codes_made"
    )


def factor_added(account: Account, *, name: str, origin: Origin, now: datetime) -> None:
    """Word of a new factor, to every address of the account."""
    _tell(account, "signin/mail/factor_added", {"name": name}, origin, now, event="factors.added")


def factor_removed(
    account: Account, *, name: str, last: bool, origin: Origin, now: datetime
) -> None:
    """Word of a factor taken away, to every address of the account."""
    _tell(
        account,
        "signin/mail/factor_removed",
        {"name": name, "last": last},
        origin,
        now,
        event="factors.removed",
    )


def key_cloned(account_id: UUID, *, name: str, origin: Origin, now: datetime) -> None:
    """Word of a key of which there seem to be two, to every address of the account."""
    _tell(
        profile(account_id),
        "signin/mail/key_cloned",
        {"name": name},
        origin,
        now,
        event="factors.cloned",
    )


def _tell(
    account: Account,
    template: str,
    facts: Mapping[str, object],
    origin: Origin,
    now: datetime,
    *,
    event: str,
    to: Collection[str] | None = None,
) -> None:
    """Write one mail to each address, with the link that contests the event if it may do so."""
    to = known_addresses(account, now=now) if to is None else to
    links = not_me_links(account, event, to=to, now=now)
    for address in to:
        enqueue(
            template=template,
            to=address,
            language=account.language,
            account_id=account.pk,
            handle=account.handle.text if account.handle else "",
            context={**facts, "time_zone": account.time_zone},
            secrets=links.get(address, {}),
            origin=origin,
            now=now,
        )
