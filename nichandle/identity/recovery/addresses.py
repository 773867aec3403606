"""Adding and removing recovery addresses, signed in: sensitive acts that wait for a pause."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts import recovery_addresses
from nichandle.identity.accounts.models import RecoveryAddress
from nichandle.identity.notme.operations import mint
from nichandle.identity.pauses.operations import require
from nichandle.platform.kernel.act import Act


def add(*, account_id: UUID, address: str, act: Act) -> RecoveryAddress:
    """
    Add a recovery address and mail it its code.

    :raises pauses.Paused: while a pause runs
    :raises Refused: for the reasons of ``accounts.recovery_addresses.add``
    """
    require(account_id, "recovery_address.change", now=act.now)
    return recovery_addresses.add(account_id=account_id, address=address, act=act)


def remove(*, account_id: UUID, which: int, act: Act) -> None:
    """
    Remove a recovery address.

    :raises pauses.Paused: while a pause runs
    :raises NotThere: when it is none of the account's, or was removed already
    """
    require(account_id, "recovery_address.change", now=act.now)
    recovery_addresses.remove(account_id=account_id, which=which, act=act)


def prove(*, account_id: UUID, which: int, code: str, act: Act) -> None:
    """
    Prove a recovery address with the code mailed to it: only then is it one.

    :raises pauses.Paused: while a pause runs, but for the address of the creation steps
    :raises Refused: for the reasons of ``accounts.recovery_addresses.prove``
    """
    if not of_creation(account_id, which, now=act.now):
        require(account_id, "recovery_address.change", now=act.now)
    recovery_addresses.prove(account_id=account_id, which=which, code=code, act=act)


def send_again(*, account_id: UUID, which: int, act: Act) -> None:
    """
    Mail a new code to a recovery address that waits for one.

    :raises pauses.Paused: while a pause runs, but for the address of the creation steps
    :raises Refused: for the reasons of ``accounts.recovery_addresses.send_again``
    """
    if not of_creation(account_id, which, now=act.now):
        require(account_id, "recovery_address.change", now=act.now)
    recovery_addresses.send_again(account_id=account_id, which=which, act=act)


def of_creation(account_id: UUID, which: int, *, now: datetime) -> bool:
    """Tell whether it is the address named in the creation steps, which are still to be ended."""
    waiting = recovery_addresses.waiting_since_creation(account_id, now=now)
    return waiting is not None and waiting.pk == which


@transaction.atomic
def undo(*, secret: str, act: Act) -> str:
    """
    Undo that a recovery address came or went; return what opens the page that makes all safe.

    :raises UndoNotValid: when the link is unknown, used, too old, or there is nothing to undo
    """
    link = recovery_addresses.undo(secret=secret, act=act)
    return mint(
        account_id=link.recovery.account_id,
        event="recovery_address.proven" if link.added else "recovery_address.removed",
        address=link.address,
        event_at=link.made_at,
        now=act.now,
    )
