"""
Who is at work on a case, and who keeps whom out.

As many reviewers take a case up as must approve it. Whoever gives it back, does nothing for three
working days or is dismissed has no place in it any more, from that moment, whatever the worker has
written down by then. They may take it up again; then they keep nobody out who has not left it, so
that one reviewer alone cannot hold a case up by taking it again and again.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts import primary
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import every_recovery_address
from nichandle.identity.cases import clock
from nichandle.identity.cases.errors import EnoughReviewers
from nichandle.identity.cases.ledger import record
from nichandle.identity.cases.models import Case, Notice, Review
from nichandle.identity.cases.queries import RUNNING, lock_case
from nichandle.identity.staff import people
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act


def holds(review: Review, *, now: datetime) -> bool:
    """Tell whether a reviewer is at work on a case, or has decided on it."""
    if review.outcome != Review.Outcome.PENDING:
        return True
    if review.left_at is not None or not review.reviewer.active:
        return False
    return now < clock.place_ends_at(review.acted_at or review.taken_at)


def held(case: Case, *, now: datetime) -> list[Review]:
    """Return the reviews of those who are at work on a case or have decided, oldest first."""
    rows = Review.objects.filter(case=case).select_related("reviewer").order_by("pk")
    there = [review for review in rows if holds(review, now=now)]
    for review in there:
        review.case = case
    return there


def held_by(case: Case, reviewer_id: UUID, *, now: datetime) -> Review | None:
    """Return a reviewer's part in a case; None when they are not, or no longer, at work on it."""
    mine = (one for one in held(case, now=now) if one.reviewer_id == reviewer_id)
    return next(mine, None)


def admits(case: Case, reviewer_id: UUID, *, now: datetime) -> bool:
    """Tell whether there is a place for a reviewer in a case."""
    there = held(case, now=now)
    earlier = Review.objects.filter(case=case, reviewer_id=reviewer_id).exists()
    keeping = there if earlier else [one for one in there if one.outcome or not one.again]
    return len(keeping) < clock.needed(case)


def give(case: Case, who: StaffMember, *, now: datetime) -> None:
    """
    Give a reviewer a place; the caller holds the case.

    :raises EnoughReviewers: when as many as are needed are at work
    """
    if not admits(case, who.pk, now=now):
        raise EnoughReviewers
    begun = {"taken_at": now, "acted_at": now, "left_at": None}
    _review, new = Review.objects.get_or_create(case=case, reviewer=who, defaults=begun)
    if not new:
        Review.objects.filter(case=case, reviewer=who).update(**begun, again=True)


def leave(review: Review, *, now: datetime) -> None:
    review.left_at = now
    review.save(update_fields=["left_at"])


def free_lost(*, now: datetime) -> int:
    """Note who has lost a case, in the ledger of its account too; return how many."""
    rows = Review.objects.filter(
        outcome=Review.Outcome.PENDING, left_at=None, case__state__in=RUNNING
    )
    found = rows.select_related("case", "reviewer").order_by("pk")
    return sum(_free(one, now=now) for one in found if not holds(one, now=now))


def free_of(reviewer_id: UUID, *, now: datetime) -> None:
    """Free the places of a reviewer who is dismissed, in the order in which ledgers are locked."""
    rows = Review.objects.filter(
        reviewer_id=reviewer_id, outcome=Review.Outcome.PENDING, left_at=None
    )
    for review in rows.select_related("case", "reviewer").order_by("case__account_id", "pk"):
        _free(review, now=now)


@transaction.atomic
def dismiss(*, email: str, now: datetime, by: UUID | None = None, act: Act | None = None) -> UUID:
    """
    Dismiss somebody of the staff; what they were at work on is free for others at once.

    :raises NoSuchReviewer: when nobody has this address
    :raises NotYourRight, NotYourself: as ``people.dismiss``
    """
    dismissed = people.dismiss(email=email, by=by, act=act or Act.by_itself(now))
    free_of(dismissed, now=now)
    return dismissed


@transaction.atomic
def _free(found: Review, *, now: datetime) -> bool:
    case = lock_case(found.case)
    rows = Review.objects.filter(pk=found.pk, left_at=None, outcome=Review.Outcome.PENDING)
    review = rows.select_related("reviewer").first()
    if review is None or holds(review, now=now):
        return False
    leave(review, now=now)
    record("case.review_lost", case, act=Act.by_staff(review.reviewer.name, now))
    return True


def concerns(case: Case, account: Account | None, who: StaffMember, *, now: datetime) -> bool:
    """
    Tell whether a case is about an account that has, or had lately, an address of a reviewer's.

    Compared by key, as addresses are everywhere: primary, recovery addresses of any age and those
    removed, what is reserved by an undo, the new address, and all that were told of the case.
    """
    own = {who.email_key, addresses.key(who.email)}
    if own & {addresses.key(address) for address in _addresses(case, account) if address}:
        return True
    owners = primary.owners(own, now=now).values()
    return account is not None and any(account.pk in accounts for accounts in owners)


def _addresses(case: Case, account: Account | None) -> Iterable[str]:
    yield case.new_address
    yield from Notice.objects.filter(case=case).values_list("address", flat=True)
    if account is not None:
        yield account.email
        yield from every_recovery_address(account.pk)
