"""Reading accounts."""

from uuid import UUID

from nichandle.accounts.models import Account, RecoveryAddress
from nichandle.handles.models import Handle


def by_address_key(key: str) -> Account | None:
    """Return the account with this primary address, its identifier read along."""
    return Account.objects.select_related("handle").filter(email_key=key).first()


def by_handle(handle: Handle) -> Account | None:
    """Return the account that an identifier belongs to; None once it is erased."""
    return Account.objects.select_related("handle").filter(handle=handle).first()


def profile(account_id: UUID) -> Account:
    """Return one account with its identifier."""
    return Account.objects.select_related("handle").get(pk=account_id)


def recovery_addresses(account_id: UUID) -> list[RecoveryAddress]:
    """Return an account's recovery addresses, proven or not, oldest first."""
    rows = RecoveryAddress.objects.filter(account_id=account_id, removed_at=None)
    return list(rows.order_by("added_at", "pk"))


def unproven_recovery_address(account_id: UUID) -> RecoveryAddress | None:
    """Return the recovery address that waits for its code, None when none does."""
    rows = RecoveryAddress.objects.filter(account_id=account_id, removed_at=None, proven_at=None)
    return rows.order_by("-added_at", "-pk").first()


def known_addresses(account: Account) -> list[str]:
    """Return who hears of what happens: the primary address and the proven recovery ones."""
    others = account.recovery_addresses.filter(removed_at=None, proven_at__isnull=False)
    return [account.email, *others.order_by("pk").values_list("address", flat=True)]
