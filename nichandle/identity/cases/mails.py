"""The mails about cases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases.models import Case
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import enqueue


def opened(
    account: Account, case: Case, to: str, secrets: Mapping[str, str], *, now: datetime
) -> Mail:
    """Word of an opened case, to an address the account is known by."""
    origin = Origin(case.ip, case.agent)
    return enqueue(template="cases/mail/opened", **_to(account, case, to, secrets, origin, now))


def approved(
    account: Account, case: Case, to: str, secrets: Mapping[str, str], *, now: datetime
) -> Mail:
    """Word of an approval, to an address the account is known by; its delivery starts the wait."""
    return enqueue(template="cases/mail/approved", **_to(account, case, to, secrets, NOWHERE, now))


def refused(account: Account, case: Case, to: str, *, now: datetime) -> None:
    """Word of a refusal, to an address the account is known by."""
    enqueue(template="cases/mail/refused", **_to(account, case, to, {}, NOWHERE, now))


def closed(account: Account, case: Case, to: str, *, now: datetime) -> None:
    """What came of a case without effect, to an address the account is known by."""
    enqueue(template="cases/mail/closed", **_to(account, case, to, {}, NOWHERE, now))


def effected(account: Account, case: Case, to: str, *, now: datetime) -> None:
    """Word that access was given back, to an address the account was known by until now."""
    enqueue(template="cases/mail/effected", **_to(account, case, to, {}, NOWHERE, now))


def code(case: Case, *, code: str, minutes: int, origin: Origin, now: datetime) -> None:
    """The code that proves the new address, to that address."""
    values = _to_claimant(case, {"minutes": minutes}, {"code": code}, origin, now)
    enqueue(template="cases/mail/code", **values, expires_at=case.code_expires_at)


def received(case: Case, *, secret: str, origin: Origin, now: datetime) -> None:
    """Number and link of a case, to who opened it."""
    values = _to_claimant(case, {}, {"secret": secret}, origin, now)
    enqueue(template="cases/mail/received", **values)


def link(case: Case, *, secret: str, origin: Origin, now: datetime) -> None:
    """A new link to the page of a case, to who opened it."""
    enqueue(template="cases/mail/link", **_to_claimant(case, {}, {"secret": secret}, origin, now))


def papers_wanted(case: Case, *, items: list[str], now: datetime) -> None:
    """Which papers the reviewers ask for, to who opened the case."""
    enqueue(
        template="cases/mail/papers_wanted",
        **_to_claimant(case, {"items": items}, {}, NOWHERE, now),
    )


def claim_approved(case: Case, *, now: datetime) -> None:
    """Word of the approval, to who opened the case."""
    enqueue(template="cases/mail/claim_approved", **_to_claimant(case, {}, {}, NOWHERE, now))


def claim_refused(case: Case, *, reasons: list[str], now: datetime) -> None:
    """The reasons of a refusal, to who opened the case."""
    context = {"reasons": reasons, "remark": case.reason_words}
    enqueue(template="cases/mail/claim_refused", **_to_claimant(case, context, {}, NOWHERE, now))


def _to(
    account: Account,
    case: Case,
    to: str,
    secrets: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> dict[str, Any]:
    return {
        "to": to,
        "language": account.language,
        "account_id": account.pk,
        "handle": account.handle.text if account.handle else "",
        "context": {
            "number": case.number,
            "kind": case.kind,
            "new_address": addresses.mask(case.new_address),
            "can_confirm": case.kind == "address_lost" and to == account.email,
            "factors": case.sort.factors,
            "remark": case.reason_words,
            "time_zone": account.time_zone,
        },
        "secrets": secrets,
        "origin": origin,
        "now": now,
    }


def _to_claimant(
    case: Case,
    context: Mapping[str, Any],
    secrets: Mapping[str, str],
    origin: Origin,
    now: datetime,
) -> dict[str, Any]:
    # Nothing of the account is here, so that these are alike when there is none.
    return {
        "to": case.new_address,
        "language": case.language,
        "account_id": None,
        "handle": "",
        "context": {"number": case.number, **context},
        "secrets": secrets,
        "origin": origin,
        "now": now,
    }
