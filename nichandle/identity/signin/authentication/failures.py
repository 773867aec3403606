"""
Failed sign-ins in the ledger: counted for an hour, then entered as one line.

Thousands of failures of strangers make one entry an hour, without anybody's address: it tells the
owner that somebody tries, and cannot be used to fill the ledger.
"""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts.queries import existing
from nichandle.identity.signin.models import Failures
from nichandle.platform.audit.operations import NewEntry, record_all
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import Statement, claimable, stored_time, stored_uuid
from nichandle.platform.kernel.origin import NOWHERE

AT_ONCE = 500
HOUR = timedelta(hours=1)

_COUNT = """
    INSERT INTO signin_failures (account_id, hour, count) VALUES (%s, %s, 1)
    ON CONFLICT (account_id, hour) DO UPDATE SET count = signin_failures.count + 1
"""


def counting(who: UUID, *, now: datetime) -> Statement:
    """Return the statement that counts a failure, for a caller that sends several."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return _COUNT, [stored_uuid(who), stored_time(hour)]


def nobody(typed: str) -> UUID:
    """Return a key for what was typed and is no account's."""
    return UUID(hex=tokens.keyed_digest(typed, "failures")[:32])


def enter(*, now: datetime) -> int:
    """Enter the failures of hours that are over, and return how many accounts had some."""
    entered = 0
    while some := _enter_some(now):
        entered += some
    return entered


@transaction.atomic
def _enter_some(now: datetime) -> int:
    over = Failures.objects.filter(hour__lte=now - HOUR).order_by("hour", "account_id")
    rows = list(claimable(over)[:AT_ONCE])
    counted: Counter[UUID] = Counter()
    for row in rows:
        counted[row.account_id] += row.count
    known = existing(counted)
    lines = [
        NewEntry("signin.failed", account_id, NOWHERE, {"failures": counted[account_id]})
        for account_id in sorted(known)
    ]
    record_all(lines, now=now)
    Failures.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
