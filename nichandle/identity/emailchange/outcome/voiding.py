"""Ending the links that were mailed to an address the account has given up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from nichandle.identity.accounts import recovery_addresses
from nichandle.identity.emailchange.models import ChangeLink
from nichandle.identity.notme import operations as notme
from nichandle.identity.signin.authentication import openings

Mailed = Sequence[tuple[UUID, str]]
"""Accounts, and an address of each that is its own no longer."""


def void_mailed(mailed: Mailed, *, now: datetime) -> None:
    """
    End the vetoes, the undos of recovery addresses and the "not me" links that went there.

    Links to sign in are ended wherever they went: who asks for one again waits a minute.
    """
    account_ids = [account_id for account_id, _address in mailed]
    _void_vetoes(mailed, now)
    recovery_addresses.void_to(mailed, now=now)
    notme.void_to(mailed, now=now)
    openings.void(account_ids, now=now)


def void_all(account_id: UUID, *, now: datetime) -> None:
    """End every link of every request of an account."""
    links = ChangeLink.objects.filter(change__account_id=account_id, used_at=None)
    links.update(used_at=now)


def _void_vetoes(mailed: Mailed, now: datetime) -> None:
    account_ids = [account_id for account_id, _address in mailed]
    links = ChangeLink.objects.filter(
        change__account_id__in=account_ids, kind=ChangeLink.Kind.VETO, used_at=None
    )
    pairs = set(mailed)
    found = links.values_list("pk", "change__account_id", "address")
    ours = [pk for pk, account_id, address in found if (account_id, address) in pairs]
    ChangeLink.objects.filter(pk__in=ours).update(used_at=now)
