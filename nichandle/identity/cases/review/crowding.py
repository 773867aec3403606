"""
Cases that strangers open about one account: so many at once, and one notice a day for all.

They are counted by what was typed, however it is spelt, and not by the account: so nobody learns
whether there is one, nor whether an identifier and an address are the same person's. And by the
network that asks: a thief's cases must not keep the owner from opening one.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from nichandle.identity.accounts import credentials
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.queries import RUNNING
from nichandle.identity.cases.review import notices
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import locked
from nichandle.platform.limits import wider

AT_ONCE = 3
"""Cases that run about one name, opened from one network."""
QUIET = timedelta(days=1)
"""From one notice of an opening to the next; each decision is told at once all the same."""
NAMED = "name in a case"


def named(typed: str, *, network: str) -> str:
    """
    Return by what cases about one name from one network, of IPv6 the /48, are found.

    Keyed: of no use to who reads the database alone.
    """
    outermost = wider.networks(network).get("48", network)
    return tokens.keyed_digest(f"{outermost} {credentials.name_of(typed)}", NAMED)


def crowded(name: str, *, before: Case | None = None) -> bool:
    """Tell whether as many cases run as may be found by it, or did when this one was sent."""
    if not name:
        return False
    running = Case.objects.filter(named=name, state__in=RUNNING)
    if before is not None:
        at = before.opened_at
        running = running.filter(Q(opened_at__lt=at) | Q(opened_at=at, pk__lt=before.pk))
    return running.count() >= AT_ONCE


def tell(account: Account, case: Case, *, now: datetime) -> None:
    """Write the notices of an opening, unless one went out within a day; the caller holds both."""
    lately = Case.objects.filter(account_id=account.pk, told_at__gt=now - QUIET)
    if lately.exists():
        return
    case.told_at = now
    case.save(update_fields=["told_at"])
    notices.tell(account, case, others=_others(case), now=now)


def tell_waiting(*, now: datetime) -> None:
    """Write, a day after the last notice, of a case whose opening was not told yet."""
    for account_id in set(_untold().values_list("account_id", flat=True)):
        with transaction.atomic():
            assert account_id is not None, "only cases of somebody are looked for"
            account = lock_account(account_id)
            case = locked(_untold().filter(account_id=account_id).order_by("-pk")).first()
            if case is not None:
                tell(account, case, now=now)


def _untold() -> QuerySet[Case]:
    rows = Case.objects.filter(state=Case.State.OPEN, round=0, account__isnull=False)
    return rows.filter(told_at=None).exclude(named="")


def _others(case: Case) -> int:
    """Return how many more cases of strangers run about the account."""
    running = Case.objects.filter(account=case.account, state__in=RUNNING)
    return running.exclude(named="").exclude(pk=case.pk).count()
