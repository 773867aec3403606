"""Adding and removing recovery addresses, signed in: sensitive acts that wait for a pause."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.accounts import recovery_addresses
from nichandle.accounts.models import RecoveryAddress
from nichandle.kernel.origin import Origin
from nichandle.notme.operations import mint
from nichandle.pauses.operations import require


def add(*, account_id: UUID, address: str, origin: Origin, now: datetime) -> RecoveryAddress:
    """
    Add a recovery address and mail it its code.

    :raises pauses.Paused: while a pause runs
    :raises Refused: for the reasons of ``accounts.recovery_addresses.add``
    """
    require(account_id, "recovery_address.change", now=now)
    return recovery_addresses.add(account_id=account_id, address=address, origin=origin, now=now)


def remove(*, account_id: UUID, which: int, origin: Origin, now: datetime) -> None:
    """
    Remove a recovery address.

    :raises pauses.Paused: while a pause runs
    :raises NotThere: when it is none of the account's, or was removed already
    """
    require(account_id, "recovery_address.change", now=now)
    recovery_addresses.remove(account_id=account_id, which=which, origin=origin, now=now)


@transaction.atomic
def undo(*, secret: str, origin: Origin, now: datetime) -> str:
    """
    Undo that a recovery address came or went; return what opens the page that makes all safe.

    :raises UndoNotValid: when the link is unknown, used, too old, or there is nothing to undo
    """
    link = recovery_addresses.undo(secret=secret, origin=origin, now=now)
    return mint(
        account_id=link.recovery.account_id,
        event="recovery_address.proven" if link.added else "recovery_address.removed",
        address=link.address,
        event_at=link.made_at,
        now=now,
    )
