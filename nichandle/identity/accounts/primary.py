"""Primary addresses: whose they are, for whom they are kept, and writing new ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from nichandle.identity.accounts.models import Account, AddressReservation, RecoveryAddress
from nichandle.platform.kernel.database import stored_time, stored_uuid

_REPLACE = (
    "UPDATE accounts_account SET email = %s, email_key = %s, email_proven_at = %s WHERE id = %s"
)


@dataclass(frozen=True, slots=True)
class NewAddress:
    """A primary address to be written: whose, which, since when it is proven."""

    account_id: UUID
    address: str
    key: str
    proven_at: datetime


def owners(keys: Collection[str], *, now: datetime) -> Mapping[str, set[UUID]]:
    """Return, for each key that is not free, the accounts it belongs to or is kept for."""
    found: dict[str, set[UUID]] = {}
    used = Account.objects.filter(email_key__in=keys).values_list("email_key", "pk")
    kept = AddressReservation.objects.filter(address_key__in=keys, until__gt=now)
    for key, account_id in [*used, *kept.values_list("address_key", "account_id")]:
        found.setdefault(key or "", set()).add(account_id)
    return found


def belongs_to_another(key: str, account_id: UUID, *, now: datetime) -> bool:
    """Tell whether an address is another account's, or kept for one that may have it back."""
    return bool(owners([key], now=now).get(key, set()) - {account_id})


def keep(kept: Sequence[tuple[UUID, str]], *, until: datetime) -> None:
    """Keep addresses (account, key) that their accounts may have back, from all others."""
    AddressReservation.objects.bulk_create(
        [
            AddressReservation(account_id=account_id, address_key=key, until=until)
            for account_id, key in kept
        ]
    )


def replace(rows: Sequence[NewAddress], *, now: datetime) -> None:
    """
    Write new primary addresses; the caller holds the accounts' rows.

    A recovery address that has become the primary one ceases to be one until it is given back.

    :raises IntegrityError: when one of them has meanwhile become another account's
    """
    values = [
        [row.address, row.key, stored_time(row.proven_at), stored_uuid(row.account_id)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_REPLACE, values)
    new = {(row.account_id, row.key) for row in rows}
    ours = RecoveryAddress.objects.filter(account_id__in=[row.account_id for row in rows])
    promoted = ours.filter(address_key__in=[row.key for row in rows], removed_at=None)
    pairs = promoted.values_list("pk", "account_id", "address_key")
    gone = [pk for pk, account_id, key in pairs if (account_id, key) in new]
    RecoveryAddress.objects.filter(pk__in=gone).update(removed_at=now)


def give_back(account_id: UUID, key: str, *, since: datetime, now: datetime) -> None:
    """Let an address that had become the primary one be a recovery address again."""
    removed = RecoveryAddress.objects.filter(account_id=account_id, address_key=key)
    for row in removed.filter(removed_at=since):
        bring_back(row, now=now)


def bring_back(row: RecoveryAddress, *, now: datetime) -> bool:
    """
    Let a removed recovery address be one again; tell whether it is. The caller holds the account.

    Added anew meanwhile, the address has another row: the younger yields, for it has the rights of
    a younger one, and removing and adding again must not take the older ones from its owner.
    """
    same = RecoveryAddress.objects.filter(account_id=row.account_id, address_key=row.address_key)
    other = same.filter(removed_at=None).exclude(pk=row.pk).first()
    if other is not None and other.proven_at is not None:
        assert row.proven_at is not None, "an address without proof is deleted, not removed"
        if other.proven_at <= row.proven_at:
            return False
        other.removed_at = now
        other.save(update_fields=["removed_at"])
    elif other is not None:
        other.delete()
    row.removed_at = None
    row.save(update_fields=["removed_at"])
    return True


def let_go(account_id: UUID) -> None:
    """Keep no address for an account any longer: it has no way back to one it had before."""
    AddressReservation.objects.filter(account_id=account_id).delete()


def clear_old(*, now: datetime) -> int:
    """Delete what need not be kept any longer, and return how many there were."""
    deleted, _by_model = AddressReservation.objects.filter(until__lt=now).delete()
    return deleted
