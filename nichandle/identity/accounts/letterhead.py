"""
Writing to an account: in its language and time zone, under its identifier.

This is the one way. Mails to whoever has no account are left to ``outbox.enqueue``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from nichandle.identity.accounts.contest import contesting_addresses
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import known_addresses
from nichandle.identity.notme.operations import mint, minting
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import Statement, fetch_all, stored_uuid
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import draft, enqueue_all, enqueuing

_READER = """
    SELECT a.id AS pk, a.email, a.language, a.time_zone, h.text AS handle_text
      FROM accounts_account a JOIN handles_handle h ON h.id = a.handle_id WHERE a.id = %s
"""
_SAME_READER = "SELECT 1 FROM accounts_account WHERE id = %s AND email = %s"


class Addressed(Protocol):
    """What a mail says of the account it is written to."""

    @property
    def pk(self) -> UUID: ...
    @property
    def language(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def handle_text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """An account as far as a mail to its primary address asks."""

    pk: UUID
    email: str
    language: str
    time_zone: str
    handle_text: str


def reader(account_id: UUID) -> Reader:
    """Return whom ``writing`` writes to; one statement."""
    (found,) = fetch_all(_READER, [stored_uuid(account_id)]).read_as(Reader)
    return found


def still_reading(reader: Reader) -> Statement:
    """Return the statement that finds a row only while the primary address is the same."""
    return _SAME_READER, [stored_uuid(reader.pk), reader.email]


def writing(
    reader: Reader,
    template: str,
    *,
    facts: Mapping[str, object],
    event: str,
    act: Act,
) -> list[Statement]:
    """
    Return the statements that ``write`` to the primary address alone, to be sent with more.

    That address may always contest, so its mail has the "not me" link.
    """
    secret, link = minting(account_id=reader.pk, event=event, address=reader.email, now=act.now)
    secrets = {"not_me": secret}
    mail = letter(reader, template, to=reader.email, facts=facts, secrets=secrets, act=act)
    return [link, enqueuing(mail)]


def write(
    account: Account,
    template: str,
    *,
    to: list[str] | None = None,
    facts: Mapping[str, object] | None = None,
    secrets: Mapping[str, str] | None = None,
    event: str = "",
    caused_by: str = "",
    expires_at: datetime | None = None,
    act: Act,
) -> list[Mail]:
    """
    Write one mail to each address; call it inside the transaction of the fact it tells.

    Without ``to``, whoever hears of what happens is told: the primary address and the proven
    recovery ones. With ``event``, an act of the ledger, those that may contest it get a "not me"
    link; an address too young to contest is only told, and so is ``caused_by``, the address through
    which the act itself came. All else is as in ``outbox.enqueue``.

    :raises ValueError: when secrets would go to every address because none is named
    """
    if to is None:
        if secrets:
            raise ValueError("name the addresses that may read these secrets")
        to = known_addresses(account, now=act.now)
    told = [address for address in to if addresses.key(address) != addresses.key(caused_by)]
    links = _not_me_links(account, event, to=told, now=act.now) if event else {}
    return enqueue_all(
        letter(
            account,
            template,
            to=address,
            facts=facts,
            secrets={**(secrets or {}), **links.get(address, {})},
            expires_at=expires_at,
            act=act,
        )
        for address in to
    )


def letter(
    account: Addressed,
    template: str,
    *,
    to: str,
    facts: Mapping[str, object] | None = None,
    secrets: Mapping[str, str] | None = None,
    unproven: bool = False,
    expires_at: datetime | None = None,
    act: Act,
) -> Mail:
    """
    Make one mail for ``outbox.enqueue_all``, where many are written together.

    By a slip of the pen an ``unproven`` address may be a stranger's: its mail says neither for
    which identifier nor from where it was asked.
    """
    return draft(
        template=template,
        to=to,
        language=account.language,
        account_id=account.pk,
        handle="" if unproven else account.handle_text,
        context={**(facts or {}), "time_zone": account.time_zone},
        secrets=secrets,
        act=Act.by_itself(act.now) if unproven else act,
        expires_at=expires_at,
    )


def _not_me_links(
    account: Account, event: str, *, to: list[str], now: datetime
) -> dict[str, dict[str, str]]:
    return {
        address: {"not_me": mint(account_id=account.pk, event=event, address=address, now=now)}
        for address in contesting_addresses(account, now=now)
        if address in to
    }
