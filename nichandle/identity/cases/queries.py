"""Reading cases."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_account, profile
from nichandle.identity.cases import clock
from nichandle.identity.cases.models import Case, Notice, Objection, Paper
from nichandle.identity.staff import people
from nichandle.identity.staff.models import StaffMember
from nichandle.identity.staff.roles import may
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.reading.questions import answered, question

LISTED_FOR = timedelta(days=30)
RUNNING = (Case.State.OPEN, Case.State.APPROVED)


def of_secret(secret: str) -> Case | None:
    """Return the case a visitor's link opens; None when there is none."""
    return Case.objects.filter(secret_digest=tokens.digest(secret)).first()


def of_number(number: str) -> Case | None:
    """Return a case by its number; None when there is none that reviewers may know of."""
    found = Case.objects.filter(number=number, opened_at__isnull=False)
    return found.exclude(identified_at=None).first()


def lock_case(case: Case) -> Case:
    """Return a case with its row locked, and its account's before it."""
    if case.account_id is not None:
        lock_account(case.account_id)
    return locked(Case.objects.filter(pk=case.pk)).get()


def notice_of(secret: str) -> Notice | None:
    """Return the notice whose link this is, with its case; None when there is none."""
    notices = Notice.objects.select_related("case")
    return notices.filter(digest=tokens.digest(secret)).first()


def notices_of(case: Case) -> list[Notice]:
    return list(Notice.objects.filter(case=case).order_by("pk"))


def papers_of(case: Case) -> list[Paper]:
    return list(Paper.objects.filter(case=case).order_by("pk"))


def judgeable(case: Case) -> set[str]:
    """Return the papers that reviewers can judge: sent, and drawn."""
    rows = Paper.objects.filter(case=case, state=Paper.State.GOOD)
    return set(rows.values_list("item", flat=True))


def objections_of(case: Case) -> list[Objection]:
    return list(Objection.objects.filter(case=case).order_by("pk"))


def account_of(case: Case) -> Account | None:
    """Return the account a case is about; None for an identifier that nobody has."""
    return profile(case.account_id) if case.account_id else None


@question
def running_asked(account_id: UUID) -> QuerySet[Case]:
    """Ask for the cases about an account that are not closed, oldest first."""
    rows = Case.objects.filter(account_id=account_id, state__in=RUNNING)
    return rows.order_by("opened_at", "pk")


def running_of(account_id: UUID) -> list[Case]:
    """Return what ``running_asked`` asks for."""
    return answered(running_asked(account_id))


def listed(*, now: datetime) -> Sequence[Case]:
    """
    Return what reviewers see in their list: what is not closed first, then lately closed.

    In front of all stands what is overdue.
    """
    rows = Case.objects.select_related("account__handle").exclude(identified_at=None)
    running = rows.filter(state__in=RUNNING).order_by("opened_at", "pk")
    ended = rows.filter(ended_at__gt=now - LISTED_FOR).order_by("-ended_at", "-pk")
    # Sorting keeps the order of those that are alike.
    first = sorted(running[:500], key=lambda case: not clock.overdue(case, now=now))
    return [*first, *ended[:200]]


def reviewer(reviewer_id: UUID) -> StaffMember | None:
    """Return a reviewer who may work on cases; None for one who no longer does, or never did."""
    found = people.member(reviewer_id)
    return found if found is not None and may(found, "cases") else None
