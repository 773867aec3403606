"""The mails of a change: to the current address, the new one, the recovery addresses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import clock
from nichandle.identity.emailchange.models import Change
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import draft, enqueue


def code(
    account: Account,
    change: Change,
    *,
    secrets: Mapping[str, str],
    not_before: datetime,
    origin: Origin,
    now: datetime,
) -> Mail:
    """The code, the new address beside it, to the current address; with a veto."""
    context = {**_facts(account, change), "not_before_at": not_before.isoformat()}
    values = _values(account, account.email, context, secrets, origin, now)
    return enqueue(template="emailchange/mail/code", **values)


def proof(
    account: Account, change: Change, *, secrets: Mapping[str, str], origin: Origin, now: datetime
) -> Mail:
    """
    The link that proves the new address, to that address.

    It belongs to no account's list of mails: were it there, its absence would say that the address
    is another customer's, who had word of it instead.
    """
    values = _values(account, change.new_address, _facts(account, change), secrets, origin, now)
    return enqueue(template="emailchange/mail/proof", **{**values, "account_id": None})


def taken(owner: Account, *, to: str, now: datetime) -> Mail:
    """Word to the owner of an address that another account asked for it; not which one."""
    values = _values(owner, to, {"time_zone": owner.time_zone}, {}, NOWHERE, now)
    return enqueue(template="emailchange/mail/taken", **values)


def warning(
    account: Account,
    change: Change,
    to: str,
    *,
    secrets: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> Mail:
    """Word of the request to a recovery address; with a veto when it is established."""
    values = _values(account, to, _facts(account, change), secrets, origin, now)
    return enqueue(template="emailchange/mail/warning", **values)


def reminder(
    account: Account,
    change: Change,
    to: str,
    *,
    secrets: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> Mail:
    """The reminder four hours before silence makes it effective, if it is proven; with a veto."""
    context = {**_facts(account, change), "proven": change.proven_at is not None}
    values = _values(account, to, context, secrets, origin, now)
    return enqueue(template="emailchange/mail/reminder", **values)


def proven(
    account: Account,
    change: Change,
    to: str,
    *,
    secrets: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> Mail:
    """Word that the new address is proven; with a veto."""
    values = _values(account, to, _facts(account, change), secrets, origin, now)
    return enqueue(template="emailchange/mail/proven", **values)


def changed(
    account: Account,
    change: Change,
    to: str,
    *,
    secrets: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> Mail:
    """Word that the change took effect, not written yet; with an undo for who may."""
    context = {**_facts(account, change), "silent_for": clock.silence(change).total_seconds()}
    values = _values(account, to, context, secrets, origin, now)
    return draft(template="emailchange/mail/changed", **values)


def ended(account: Account, change: Change, to: str, *, origin: Origin, now: datetime) -> Mail:
    """Word that the request ended without effect, not written yet."""
    context = {**_facts(account, change), "state": change.state}
    return draft(
        template="emailchange/mail/ended", **_values(account, to, context, {}, origin, now)
    )


def undone(
    account: Account,
    change: Change,
    to: str,
    *,
    secrets: Mapping[str, str],
    paused_until: datetime,
    origin: Origin,
    now: datetime,
) -> None:
    """Word that the address before the change is the primary one again."""
    context = {**_facts(account, change), "paused_until_at": paused_until.isoformat()}
    values = _values(account, to, context, secrets, origin, now)
    enqueue(template="emailchange/mail/undone", **values)


def contested(
    account: Account,
    change: Change,
    to: str,
    *,
    secrets: Mapping[str, str],
    paused_until: datetime,
    origin: Origin,
    now: datetime,
) -> None:
    """Word that the old address contests a change its code approved."""
    context = {**_facts(account, change), "paused_until_at": paused_until.isoformat()}
    values = _values(account, to, context, secrets, origin, now)
    enqueue(template="emailchange/mail/contested", **values)


def undo_code(
    account: Account,
    change: Change,
    to: str,
    *,
    secrets: Mapping[str, str],
    expires_at: datetime,
    origin: Origin,
    now: datetime,
) -> None:
    """The code by which a recovery address confirms an undo."""
    values = _values(account, to, _facts(account, change), secrets, origin, now)
    enqueue(template="emailchange/mail/undo_code", **values, expires_at=expires_at)


def _facts(account: Account, change: Change) -> dict[str, Any]:
    return {
        "old_address": change.old_address,
        "new_address": change.new_address,
        "by_code": change.by_code,
        "time_zone": account.time_zone,
    }


def _values(
    account: Account,
    to: str,
    context: Mapping[str, Any],
    secrets: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> dict[str, Any]:
    return {
        "to": to,
        "language": account.language,
        "account_id": account.pk,
        "handle": account.handle.text if account.handle else "",
        "context": context,
        "secrets": secrets,
        "origin": origin,
        "now": now,
    }
