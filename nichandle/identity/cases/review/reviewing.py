"""What reviewers do: take a case up, ask for papers, approve, refuse, close."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation

from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.cases import clock, mails
from nichandle.identity.cases.errors import (
    CaseOver,
    DecidedAlready,
    MethodMissing,
    NotEstablished,
    NothingToGrant,
    NotYourCase,
    OwnCase,
    PaperNotThere,
    ReasonMissing,
    WordsMissing,
)
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.kinds import BY_ITSELF, CHECKLISTS, ITEMS, METHODS, REASONS
from nichandle.identity.cases.ledger import record
from nichandle.identity.cases.models import Case, Review
from nichandle.identity.cases.queries import judgeable, of_number, reviewer
from nichandle.identity.cases.review import places
from nichandle.identity.cases.review.decisions import ENDED, end_refused, grant
from nichandle.identity.pauses.operations import release
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.audit.operations import NewEntry
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE


@transaction.atomic
def take(*, number: str, reviewer_id: UUID, now: datetime) -> None:
    """
    Become a reviewer of a case, which opens its papers; noted in the customer's ledger.

    :raises CaseOver: when it is closed
    :raises OwnCase: when the account has, or had lately, an address of the reviewer's
    :raises EnoughReviewers: when as many as are needed are at work
    """
    who = _reviewer(reviewer_id)
    case, account = _locked_case(number)
    if case.state != Case.State.OPEN:
        raise CaseOver
    if places.concerns(case, account, who, now=now):
        raise OwnCase
    if places.held_by(case, reviewer_id, now=now) is not None:
        return
    places.give(case, who, now=now)
    record("case.review_taken", case, act=Act.by_staff(who.name, now))


@transaction.atomic
def give_back(*, number: str, reviewer_id: UUID, now: datetime) -> None:
    """
    Leave a case to another reviewer, undecided.

    :raises NotYourCase: when it was not taken up
    :raises DecidedAlready: after deciding
    """
    case, account = _locked_case(number)
    review = _pending(case, account, reviewer_id, now)
    places.leave(review, now=now)
    record("case.review_left", case, act=Act.by_staff(review.reviewer.name, now))


@transaction.atomic
def ask_for_papers(*, number: str, reviewer_id: UUID, items: Sequence[str], now: datetime) -> None:
    """
    Ask who opened the case for papers; on reasonable doubt only, and what is not needed is masked.

    :raises NotYourCase: when it was not taken up
    :raises CaseOver: when it is closed
    """
    case, account = _locked_case(number)
    review = _mine(case, account, reviewer_id, now)
    if case.state != Case.State.OPEN or not case.language:
        raise CaseOver
    review.acted_at = now
    review.save(update_fields=["acted_at"])
    wanted = [item for item in ITEMS if item in items]
    case.asked_for = wanted
    case.save(update_fields=["asked_for"])
    with translation.override(case.language):
        facts = {"items": [str(ITEMS[item][0]) for item in wanted]}
    mails.to_claimant(case, "cases/mail/papers_wanted", facts=facts, act=Act.by_itself(now))
    record("case.papers_asked", case, act=Act.by_staff(review.reviewer.name, now))


@transaction.atomic
def approve(
    *,
    number: str,
    reviewer_id: UUID,
    ticks: Sequence[str],
    method: str,
    words: str,
    now: datetime,
) -> None:
    """
    Approve a case; the last approval needed grants it.

    :raises CaseOver: when it is not open
    :raises NotYourCase: when it was not taken up
    :raises DecidedAlready: when this reviewer has decided
    :raises NothingToGrant: when there is no account or no proven address
    :raises PaperNotThere: when a paper is found good that nobody sent, or nobody could look at
    :raises NotEstablished: when papers are not ticked and nothing is written instead
    :raises MethodMissing: when the third reviewer does not say how the holder was reached
    """
    case, account = _locked_case(number)
    if case.state != Case.State.OPEN:
        raise CaseOver
    review = _pending(case, account, reviewer_id, now)
    if account is None or not case.sort.effect or case.new_proven_at is None:
        raise NothingToGrant
    if set(ticks) - judgeable(case):
        raise PaperNotThere
    if set(CHECKLISTS.get(case.holder, ())) - set(ticks) and not words.strip():
        raise NotEstablished
    approved = Review.objects.filter(case=case, outcome=Review.Outcome.APPROVED).count()
    if approved >= clock.REVIEWERS and method not in METHODS:
        raise MethodMissing
    review.ticks = [item for item in ITEMS if item in ticks]
    review.method = method if method in METHODS else ""
    _decide(review, Review.Outcome.APPROVED, words, now)
    record("case.reviewed", case, act=Act.by_staff(review.reviewer.name, now))
    if approved + 1 >= clock.needed(case):
        grant(case, account, now=now)


@transaction.atomic
def refuse(
    *, number: str, reviewer_id: UUID, reasons: Sequence[str], words: str, now: datetime
) -> None:
    """
    Refuse a case, also one that is approved and has not taken effect; one reviewer is enough.

    Where nobody has the identifier nothing but the general reason is told, so that no words of a
    reviewer tell who is a customer.

    :raises CaseOver: when it is closed
    :raises NotYourCase: when it was not taken up
    :raises ReasonMissing: when no reason is chosen
    """
    case, account = _locked_case(number)
    if case.state not in {Case.State.OPEN, Case.State.APPROVED} or case.sort.settled:
        raise CaseOver
    review = _mine(case, account, reviewer_id, now)
    chosen = [name for name in REASONS if name in reasons and name not in BY_ITSELF]
    if not chosen:
        raise ReasonMissing
    if account is None:
        chosen, words = ["not_established"], ""
    _decide(review, Review.Outcome.REFUSED, words, now)
    act = Act.by_staff(review.reviewer.name, now)
    end_refused(case, account, reasons=chosen, words=words.strip(), act=act)


@transaction.atomic
def close(*, number: str, reviewer_id: UUID, words: str, now: datetime) -> None:
    """
    Close a case that has no effect of its own, with what came of it.

    :raises CaseOver: when it is closed
    :raises NotYourCase: when it was not taken up
    :raises WordsMissing: when nothing is written
    """
    case, account = _locked_case(number)
    if case.state != Case.State.OPEN or case.sort.effect or case.sort.settled:
        raise CaseOver
    review = _pending(case, account, reviewer_id, now)
    if not words.strip():
        raise WordsMissing
    _decide(review, Review.Outcome.APPROVED, words, now)
    _close(case, words, now)
    record("case.closed", case, act=Act.by_staff(review.reviewer.name, now))
    if account is not None:
        mails.to_account(account, case, "cases/mail/closed", act=Act.by_itself(now))


@transaction.atomic
def settle(
    *, number: str, reviewer_id: UUID, words: str, now: datetime
) -> tuple[str, tuple[NewEntry, ...]]:
    """
    Close a case whose decision a room above carries out; returns by whom, and its ledger entry.

    The first thing of that room's transaction: account and case are locked before all else. The
    entry is left to the caller, who enters several ledgers in one order.

    :raises CaseOver: when it is closed, or of another kind
    :raises NotYourCase: when it was not taken up
    :raises WordsMissing: when nothing is written
    """
    case, account = _locked_case(number)
    if case.state != Case.State.OPEN or not case.sort.settled:
        raise CaseOver
    review = _pending(case, account, reviewer_id, now)
    if not words.strip():
        raise WordsMissing
    _decide(review, Review.Outcome.APPROVED, words, now)
    _close(case, words, now)
    return review.reviewer.name, _closing(case, review.reviewer.name)


@transaction.atomic
def settle_by_operator(
    *, number: str, actor: str, words: str, now: datetime
) -> tuple[NewEntry, ...]:
    """
    Close a case as ``settle`` does, by the operator, who need not have taken it up.

    :raises WordsMissing: when nothing is written
    """
    if not words.strip():
        raise WordsMissing
    found = of_number(number)
    if found is None:
        return ()
    case, _account = _locked_case(number)
    if case.state != Case.State.OPEN or not case.sort.settled:
        return ()
    _close(case, words, now)
    return _closing(case, actor)


def _close(case: Case, words: str, now: datetime) -> None:
    case.state, case.reason_words = Case.State.CLOSED, words.strip()
    case.decided_at = case.ended_at = now
    case.save(update_fields=ENDED)
    release(case.number)


def _closing(case: Case, actor: str) -> tuple[NewEntry, ...]:
    if case.account_id is None:
        return ()
    return (
        NewEntry("case.closed", case.account_id, NOWHERE, {"actor": actor, "number": case.number}),
    )


def _locked_case(number: str) -> tuple[Case, Account | None]:
    """Return a case with its account, both rows locked, the account's first."""
    found = of_number(number)
    if found is None:
        raise NotYourCase
    account = lock_account(found.account_id) if found.account_id else None
    return locked(Case.objects.filter(pk=found.pk)).get(), account


def _reviewer(reviewer_id: UUID) -> StaffMember:
    found = reviewer(reviewer_id)
    if found is None:
        raise NotYourCase
    return found


def _mine(case: Case, account: Account | None, reviewer_id: UUID, now: datetime) -> Review:
    who = _reviewer(reviewer_id)
    review = places.held_by(case, reviewer_id, now=now)
    if review is None:
        raise NotYourCase
    # The account may have been given such an address after the case was taken up.
    if places.concerns(case, account, who, now=now):
        raise OwnCase
    return review


def _pending(case: Case, account: Account | None, reviewer_id: UUID, now: datetime) -> Review:
    review = _mine(case, account, reviewer_id, now)
    if review.outcome != Review.Outcome.PENDING:
        raise DecidedAlready
    return review


def _decide(review: Review, outcome: Review.Outcome, words: str, now: datetime) -> None:
    review.outcome, review.decided_at, review.acted_at = outcome, now, now
    review.words = sealing.seal_words(review.case, words.strip(), name=sealing.of_review(review))
    review.save(update_fields=["outcome", "ticks", "method", "words", "decided_at", "acted_at"])
