"""
A case takes effect: the address proven in it is the only way in, and all else is gone.

The account is locked before the case; what is no longer due by then is left alone, so that an
objection that arrives before the rows are written wins, and two workers never do the same.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from nichandle.identity.accounts import primary, recovery_addresses
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.operations import void_password
from nichandle.identity.accounts.queries import known_addresses, lock_account
from nichandle.identity.cases import mails
from nichandle.identity.cases.ledger import record
from nichandle.identity.cases.models import Case, Review
from nichandle.identity.cases.queries import lock_case
from nichandle.identity.cases.review import notices
from nichandle.identity.cases.review.decisions import refuse_by_itself, reopen, settle_contests
from nichandle.identity.cases.signals import effected
from nichandle.identity.notme import operations as notme
from nichandle.identity.pauses.operations import begin
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked

AT_ONCE = 100
LOOKED_AT_AGAIN = timedelta(days=1)


def apply_due(*, now: datetime) -> int:
    """Put into effect what is due; return how many cases were dealt with."""
    due = Case.objects.filter(state=Case.State.APPROVED, due_at__lte=now)
    return sum(apply_one(case, now=now) for case in due.order_by("due_at", "pk")[:AT_ONCE])


def apply_one(found: Case, *, now: datetime) -> bool:
    """Put one case into effect, if it still is due; tell whether something was done."""
    try:
        with transaction.atomic():
            return _apply(found, now)
    except IntegrityError:
        # Its address has become another account's at this very moment.
        with transaction.atomic():
            case = lock_case(found)
            if case.state == Case.State.APPROVED and case.account_id is not None:
                account = lock_account(case.account_id)
                refuse_by_itself(case, account, reason="address_in_use", now=now)
        return True


def _apply(found: Case, now: datetime) -> bool:
    assert found.account_id is not None
    account = lock_account(found.account_id)
    case = locked(Case.objects.filter(pk=found.pk)).get()
    if case.state != Case.State.APPROVED or case.due_at is None or case.due_at > now:
        return False
    if account.state == Account.State.FROZEN:
        case.due_at = now + LOOKED_AT_AGAIN
        case.save(update_fields=["due_at"])
    elif account.state != Account.State.ACTIVE:
        refuse_by_itself(case, account, reason="account_closed", now=now)
    elif primary.belongs_to_another(case.new_key, account.pk, now=now):
        refuse_by_itself(case, account, reason="address_in_use", now=now)
    else:
        _give_back(account, case, now)
    return True


def _give_back(account: Account, case: Case, now: datetime) -> None:
    assert case.new_proven_at is not None
    told = known_addresses(account, now=now)
    _reopen_others(account.pk, case, now)
    notices.void_all(account.pk)
    recovery_addresses.remove_all(account.pk)
    primary.let_go(account.pk)
    new = primary.NewAddress(account.pk, case.new_address, case.new_key, case.new_proven_at)
    primary.replace([new], now=now)
    void_password(account_id=account.pk, now=now)
    settle_contests(account.pk, act=Act.by_itself(now))
    notme.void_all(account_id=account.pk, now=now)
    case.state, case.ended_at = Case.State.DONE, now
    case.save(update_fields=["state", "ended_at"])
    # Told first: rooms lock what they hold before anybody's ledger is locked.
    effected.send(
        sender=Case,
        account_id=account.pk,
        factors=case.sort.factors,
        address=case.new_address,
        act=Act.by_itself(now),
    )
    record("case.effected", case, act=Act.by_itself(now), old=account.email, new=case.new_address)
    # The cause is the case: the address proven in it is no older, and must not end its own pause.
    begin(
        account_id=account.pk,
        cause="case_effect",
        caused_at=case.created_at,
        act=Act.by_itself(now),
    )
    to = [address for address in told if address != case.new_address]
    mails.to_account(account, case, "cases/mail/effected", to=to, act=Act.by_itself(now))


def _reopen_others(account_id: UUID, case: Case, now: datetime) -> None:
    """Have what was approved beside it looked into again: it was judged of another state."""
    others = Case.objects.filter(account_id=account_id, state=Case.State.APPROVED)
    for other in locked(others.exclude(pk=case.pk).order_by("pk")):
        reopen(other)
        approved = Review.objects.filter(case=other, outcome=Review.Outcome.APPROVED)
        approved.filter(reviewer__active=False).update(left_at=now)
        approved.update(outcome=Review.Outcome.PENDING, decided_at=None, acted_at=now)
