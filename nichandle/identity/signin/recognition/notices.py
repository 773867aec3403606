"""Which sign-ins are told by mail: those from new places, or every one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.identity.signin.models import Notices
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.origin import Origin


@transaction.atomic
def choose(*, account_id: UUID, always: bool, origin: Origin, now: datetime) -> None:
    """Choose word of every sign-in, or only of those from a new browser or network."""
    if always == every_one(account_id):
        return
    if always:
        Notices.objects.get_or_create(account_id=account_id)
    else:
        Notices.objects.filter(account_id=account_id).delete()
    record("signin.notices_changed", account_id=account_id, origin=origin, now=now, always=always)


def every_one(account_id: UUID) -> bool:
    """Tell whether every sign-in is told."""
    return Notices.objects.filter(account_id=account_id).exists()
