"""How a case ends or is granted; the caller holds the case, and its account before it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import translation

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases import mails
from nichandle.identity.cases.kinds import KINDS, REASONS, RefusalReason
from nichandle.identity.cases.ledger import record
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.queries import RUNNING
from nichandle.identity.cases.review import notices
from nichandle.identity.pauses.operations import release
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked

CONTESTS = [name for name, kind in KINDS.items() if kind.contest]
ENDED = ["state", "due_at", "decided_at", "ended_at", "reasons", "reason_words"]


def grant(case: Case, account: Account, *, now: datetime) -> None:
    """Approve a case: every known address is told, and the wait begins with their delivery."""
    case.state, case.decided_at = Case.State.APPROVED, now
    case.round += 1
    notices.tell(account, case, now=now)
    notices.set_due(case)
    case.save(update_fields=["state", "decided_at", "round", "due_at"])
    record("case.approved", case, act=Act.by_itself(now))
    if case.new_address:
        mails.to_claimant(case, "cases/mail/claim_approved", act=Act.by_itself(now))


def reopen(case: Case) -> None:
    """Take an approval back, so that reviewers look into the case again."""
    case.state, case.decided_at, case.due_at = Case.State.OPEN, None, None
    case.save(update_fields=["state", "decided_at", "due_at"])


def end_refused(
    case: Case,
    account: Account | None,
    *,
    reasons: Sequence[str],
    words: str,
    act: Act,
) -> None:
    """Refuse a case with its reasons, told to every known address and to who opened it."""
    case.state, case.due_at = Case.State.REFUSED, None
    case.decided_at = case.ended_at = act.now
    case.reasons, case.reason_words = list(reasons), words
    case.save(update_fields=ENDED)
    release(case.number)
    record("case.refused", case, act=act, reasons=", ".join(reasons))
    if account is not None:
        mails.to_account(account, case, "cases/mail/refused", act=act)
    if case.new_address and case.language:
        with translation.override(case.language):
            sentences = [str(REASONS[reason]) for reason in reasons]
        facts = {"reasons": sentences, "remark": words}
        mails.to_claimant(case, "cases/mail/claim_refused", facts=facts, act=act)


def refuse_by_itself(
    case: Case, account: Account | None, *, reason: RefusalReason, now: datetime
) -> None:
    """Refuse a case for a reason that the product finds, not a reviewer."""
    end_refused(case, account, reasons=[reason], words="", act=Act.by_itself(now))


def settle_contests(account_id: UUID, *, act: Act, restored: Collection[str] = ()) -> None:
    """
    Close what reviewers were to find out about an account: a better proof has settled it.

    With ``restored``, keys of addresses, only the cases that would give one of these back. The
    caller holds the account's row.
    """
    running = Case.objects.filter(account_id=account_id, state__in=RUNNING, kind__in=CONTESTS)
    if restored:
        running = running.filter(new_key__in=restored)
    for case in locked(running.order_by("pk")):
        case.state, case.due_at = Case.State.CLOSED, None
        case.decided_at = case.ended_at = act.now
        case.save(update_fields=ENDED)
        release(case.number)
        record("case.closed", case, act=act)
