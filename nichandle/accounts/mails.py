"""The mails about an account's own data."""

from collections.abc import Mapping
from datetime import datetime

from nichandle.accounts.models import Account, RecoveryAddress
from nichandle.kernel.origin import Origin
from nichandle.outbox.operations import enqueue


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
    account: Account, recovery: RecoveryAddress, *, origin: Origin, now: datetime
) -> None:
    """Word of a new recovery address, to every address of the account."""
    _tell(account, "accounts/mail/recovery_proven", {"address": recovery.address}, origin, now)


def details_changed(
    account: Account, changes: Mapping[str, tuple[str, str]], *, origin: Origin, now: datetime
) -> None:
    """Word of a change of legal identity, to every address of the account."""
    context = {"fields": sorted(changes)}
    _tell(account, "accounts/mail/details_changed", context, origin, now)


def _tell(
    account: Account, template: str, context: Mapping[str, object], origin: Origin, now: datetime
) -> None:
    for address in known_addresses(account):
        enqueue(
            template=template,
            to=address,
            language=account.language,
            account_id=account.pk,
            handle=account.handle.text if account.handle else "",
            context={**context, "time_zone": account.time_zone},
            secrets={},
            origin=origin,
            now=now,
        )


def known_addresses(account: Account) -> list[str]:
    """Return who hears of what happens: the primary address and the proven recovery ones."""
    others = account.recovery_addresses.filter(removed_at=None, proven_at__isnull=False)
    return [account.email, *others.order_by("pk").values_list("address", flat=True)]
