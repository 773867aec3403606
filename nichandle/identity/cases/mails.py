"""The mails about cases: to the account that one is about, and to who opened it."""

from collections.abc import Mapping
from datetime import datetime

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.identity.cases.models import Case
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import enqueue


def to_account(
    account: Account,
    case: Case,
    template: str,
    *,
    to: list[str] | None = None,
    others: int = 0,
    secrets: Mapping[str, str] | None = None,
    act: Act,
) -> list[Mail]:
    """
    Write to every address the account is known by, or to some.

    Nothing of the new address: a stranger chose it, and of a domain makes what advertisement he
    likes. Whoever opens the page behind the link, or signs in, sees it.
    """
    facts = {
        "number": case.number,
        "kind": case.kind,
        "others": others,
        "can_confirm": case.kind == "address_lost" and to == [account.email],
        "factors": case.sort.factors,
        "remark": case.reason_words,
    }
    return write(account, template, to=to, facts=facts, secrets=secrets, act=act)


def to_claimant(
    case: Case,
    template: str,
    *,
    facts: Mapping[str, object] | None = None,
    secrets: Mapping[str, str] | None = None,
    expires_at: datetime | None = None,
    act: Act,
) -> Mail:
    """Write to the new address: nothing of the account, so that it is alike when there is none."""
    return enqueue(
        template=template,
        to=case.new_address,
        language=case.language,
        context={"number": case.number, **(facts or {})},
        secrets=secrets,
        expires_at=expires_at,
        act=act,
    )
