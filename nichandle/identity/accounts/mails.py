"""The mails about an account's own data."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from django.utils import translation

from nichandle.identity.accounts.contest import not_me_links
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.rules import rules_for
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.operations import enqueue


def recovery_code(
    account: Account, recovery: RecoveryAddress, *, code: str, origin: Origin, now: datetime
) -> None:
    """The code that proves a recovery address, to that address."""
    enqueue(
        template="accounts/mail/recovery_code",
        to=recovery.address,
        language=account.language,
        account_id=account.pk,
        handle=account.handle.text if account.handle else "",
        context={"time_zone": account.time_zone},
        secrets={"code": code},
        origin=origin,
        now=now,
        expires_at=recovery.code_expires_at,
    )


def recovery_proven(
    account: Account,
    recovery: RecoveryAddress,
    *,
    to: Sequence[str],
    undo: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> None:
    """Word of a new recovery address, to every address; an undo to those who may contest it."""
    _tell(account, "accounts/mail/recovery_proven", _named(recovery), to, _undo(undo), origin, now)


def recovery_removed(
    account: Account,
    recovery: RecoveryAddress,
    *,
    to: Sequence[str],
    undo: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> None:
    """Word of a removed recovery address, to every address and to itself; with an undo."""
    _tell(account, "accounts/mail/recovery_removed", _named(recovery), to, _undo(undo), origin, now)


def recovery_undone(
    account: Account,
    recovery: RecoveryAddress,
    *,
    to: Sequence[str],
    origin: Origin,
    now: datetime,
) -> None:
    """Word that the coming or going of a recovery address was undone, to every address."""
    context = {**_named(recovery), "there": recovery.removed_at is None}
    _tell(account, "accounts/mail/recovery_undone", context, to, {}, origin, now)


def details_changed(
    account: Account, changed: AbstractSet[str], *, to: Sequence[str], origin: Origin, now: datetime
) -> None:
    """Word of which details changed (never their values), to every address of the account."""
    rules = rules_for(country=account.country, kind=account.kind)
    with translation.override(account.language):
        fields = [str(rule.label) for rule in rules if rule.name in changed]
    links = not_me_links(account, "account.details_changed", to=to, now=now)
    _tell(account, "accounts/mail/details_changed", {"fields": fields}, to, links, origin, now)


def _named(recovery: RecoveryAddress) -> dict[str, object]:
    return {"address": recovery.address}


def _undo(links: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {address: {"undo": secret} for address, secret in links.items()}


def _tell(
    account: Account,
    template: str,
    context: Mapping[str, object],
    to: Sequence[str],
    links: Mapping[str, Mapping[str, str]],
    origin: Origin,
    now: datetime,
) -> None:
    for address in to:
        enqueue(
            template=template,
            to=address,
            language=account.language,
            account_id=account.pk,
            handle=account.handle.text if account.handle else "",
            context={**context, "time_zone": account.time_zone},
            secrets=links.get(address, {}),
            origin=origin,
            now=now,
        )
