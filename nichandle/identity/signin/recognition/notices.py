"""Which sign-ins are told by mail: those from new places, or every one."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from nichandle.identity.signin.models import Notices
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.reading.questions import Question, answered, question


@transaction.atomic
def choose(*, account_id: UUID, always: bool, act: Act) -> None:
    """Choose word of every sign-in, or only of those from a new browser or network."""
    if always == every_one(account_id):
        return
    if always:
        Notices.objects.get_or_create(account_id=account_id)
    else:
        Notices.objects.filter(account_id=account_id).delete()
    record("signin.notices_changed", account_id=account_id, act=act, always=always)


def every_one(account_id: UUID) -> bool:
    """Tell whether every sign-in is told."""
    return answered(every_one_asked(account_id))


def every_one_asked(account_id: UUID) -> Question[bool]:
    """Ask whether every sign-in is told."""
    return _chosen(account_id).then(bool)


@question
def _chosen(account_id: UUID) -> QuerySet[Notices]:
    return Notices.objects.filter(account_id=account_id)
