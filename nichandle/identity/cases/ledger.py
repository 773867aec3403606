"""The ledger of the account a case is about; a case about nobody leaves no trace in one."""

from typing import Any

from nichandle.identity.cases.models import Case
from nichandle.platform.audit import operations as audit
from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.kernel.act import Act


def record(
    name: LedgerAct,
    case: Case,
    /,
    *,
    act: Act,
    **details: Any,
) -> None:
    """Enter an act on a case in its account's ledger, inside the transaction of the act."""
    if case.account_id is not None:
        audit.record(
            name,
            account_id=case.account_id,
            act=act,
            number=case.number,
            **details,
        )
