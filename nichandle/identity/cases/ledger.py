"""The ledger of the account a case is about; a case about nobody leaves no trace in one."""

from datetime import datetime
from typing import Any

from nichandle.identity.cases.models import Case
from nichandle.platform.audit import operations as audit
from nichandle.platform.kernel.origin import NOWHERE, Origin


def record(
    name: str,
    case: Case,
    /,
    *,
    now: datetime,
    origin: Origin = NOWHERE,
    actor: str | None = None,
    **details: Any,
) -> None:
    """Enter an act on a case in its account's ledger, inside the transaction of the act."""
    if case.account_id is not None:
        audit.record(
            name,
            account_id=case.account_id,
            origin=origin,
            now=now,
            actor=actor,
            number=case.number,
            **details,
        )
