"""
Changing one's details: they are what access is given back by.

Reviewers compare papers with the name and call back at the telephone, so whoever changes those
decides a case (ASVS 5.0, 7.5.1).
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts import operations as accounts
from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.pauses.operations import require
from nichandle.platform.kernel.act import Act


@transaction.atomic
def change_details(*, account_id: UUID, details: Mapping[str, str], act: Act) -> bool:
    """
    Change name, legal identity, postal address or telephone; the caller has seen a fresh sign-in.

    Returns whether anything changed.

    :raises pauses.Paused: while a pause runs
    :raises DetailsNotChangeable: for identifier and country
    :raises Exhausted: after too many changes in an hour
    """
    lock_account(account_id)
    require(account_id, "details.change", now=act.now)
    return accounts.change_details(account_id=account_id, details=details, act=act)
