"""One way for all that staff do: their right is asked, the act done, and both are written down."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from nichandle.identity.staff import ledger
from nichandle.identity.staff.people import lock_member
from nichandle.identity.staff.roles import NotYourRight, RightName, may
from nichandle.platform.kernel.act import Act

Done = TypeVar("Done")


@transaction.atomic
def do(
    operation: Callable[[], Done],
    *,
    what: ledger.StaffAct,
    right: RightName,
    member_id: UUID,
    act: Act,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> Done:
    """
    Do what somebody of the staff asks for, and enter it in their ledger, in one transaction.

    Their row is locked first: whoever is dismissed at this moment has done it before, or does
    nothing any more.

    :raises NotYourRight: when they work here no more, or their role does not include it
    """
    member = lock_member(member_id)
    if member is None or not may(member, right):
        raise NotYourRight
    done = operation()
    ledger.enter(what, member_id=member_id, act=act, subject=subject, details=details)
    return done
