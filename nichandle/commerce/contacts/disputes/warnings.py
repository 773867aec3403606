"""
A contact tells what seems wrong about somebody they share a service with.

Reviewers of a case about that account read it: information, no objection that decides. Whether
there is such a case nobody learns: the page answers the same, and the worker looks.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from nichandle.commerce.contacts.errors import NotAContact
from nichandle.commerce.services.models import Role
from nichandle.commerce.services.queries import SeenService, seen
from nichandle.identity.cases.errors import CaseOver
from nichandle.identity.cases.queries import running_of
from nichandle.identity.cases.review import objections
from nichandle.platform.audit import operations as audit
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.operations import spend


def others(found: SeenService, account_id: UUID) -> list[Role]:
    """Return one role of each other account on a service: whom one can say something about."""
    rows: dict[UUID, Role] = {}
    for row in found.contacts.values():
        rows.setdefault(row.account_id, row)
    return [row for who, row in rows.items() if who != account_id]


@transaction.atomic
def warn(*, account_id: UUID, service_id: int, about: str, words: str, act: Act) -> None:
    """
    Note what a contact says about another contact of a service, by identifier.

    :raises NotAContact: when the two share no such service
    :raises Exhausted: after too many in a day
    """
    found = seen(account_id, service_id)
    rows = others(found, account_id) if found else []
    row = next((one for one in rows if one.account.handle_text == about), None)
    if found is None or row is None:
        raise NotAContact
    spend("contact.warning", key=str(account_id), now=act.now)
    audit.record("contact.warned", account_id=account_id, act=act, handle=about)
    own = next(one for one in found.contacts.values() if one.account_id == account_id)
    payload = {
        "account": str(row.account_id),
        "who": own.account.handle_text,
        "words": words,
        "ip": act.origin.ip or "",
    }
    enqueue("contacts.warn", payload, now=act.now)


def tell_reviewers(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Lay a warning beside every case about the account that is running."""
    for case in running_of(UUID(payload["account"])):
        if not case.sort.effect:
            continue
        try:
            objections.inform(
                number=case.number,
                who=payload["who"],
                words=payload["words"],
                act=Act(Origin(payload["ip"] or None, ""), now),
            )
        except CaseOver:
            continue
