"""Opening a case."""

from datetime import datetime
from typing import Any
from uuid import UUID

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases.keeping import numbers, sealing
from nichandle.identity.cases.kinds import KINDS, CaseKind
from nichandle.identity.cases.models import Case
from nichandle.platform.audit.operations import NewEntry, record_all
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act


def open_case(
    *,
    account_id: UUID,
    kind: CaseKind,
    act: Act,
    new_address: str = "",
    new_proven_at: datetime | None = None,
    **facts: Any,
) -> Case:
    """
    Open a case for the reviewers; call it inside the transaction of its cause.

    ``facts`` are plain values that the reviewers read. A kind with effect needs the address through
    which access is to be given back, and when that was proven.

    :raises KeyError: when the kind is not in ``kinds.KINDS``
    """
    case, line = prepare_case(
        account_id=account_id,
        kind=kind,
        act=act,
        new_address=new_address,
        new_proven_at=new_proven_at,
        **facts,
    )
    record_all([line], now=act.now)
    return case


def prepare_case(
    *,
    account_id: UUID,
    kind: CaseKind,
    act: Act,
    new_address: str = "",
    new_proven_at: datetime | None = None,
    **facts: Any,
) -> tuple[Case, NewEntry]:
    """
    Open a case as ``open_case`` does, and leave its ledger entry to the caller.

    For a caller that enters several accounts' ledgers, all in one order.
    """
    KINDS[kind]
    case = Case.objects.create(
        number=numbers.draw(),
        account_id=account_id,
        kind=kind,
        new_address=new_address,
        new_key=addresses.key(new_address) if new_address else "",
        new_proven_at=new_proven_at,
        ip=act.origin.ip,
        agent=act.origin.agent,
        facts=facts,
        key=sealing.new_key(),
        created_at=act.now,
        opened_at=act.now,
        identified_at=act.now,
    )
    return case, NewEntry(
        "case.opened", account_id, act.origin, {"number": case.number, "kind": kind}
    )


def open_claim(
    account: Account,
    kind: CaseKind,
    *,
    address: str,
    proven_at: datetime,
    act: Act,
) -> Case:
    """
    Open a case that gives an account back to an address, with what a filed one has from its pages.

    Its language, and the holder whose papers prove it.

    :raises KeyError: when the kind is not in ``kinds.KINDS``
    """
    case = open_case(
        account_id=account.pk,
        kind=kind,
        new_address=address,
        new_proven_at=proven_at,
        act=act,
    )
    case.language, case.holder = account.language, account.kind
    case.save(update_fields=["language", "holder"])
    return case


def add_fact(number: str, *, since: str, said_by: str) -> None:
    """Add to a case who else contests, and since when; the caller holds the account's row."""
    case = Case.objects.get(number=number)
    told = dict.fromkeys([*case.facts.get("said_by", []), said_by])
    case.facts |= {"since": since, "said_by": list(told)}
    case.save(update_fields=["facts"])
