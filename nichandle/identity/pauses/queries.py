"""Reading pauses."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from nichandle.identity.accounts.models import RecoveryAddress
from nichandle.identity.accounts.queries import profile, recovery_addresses
from nichandle.identity.pauses.models import Pause
from nichandle.platform.kernel.reading.questions import Question, answered, question

LOOKED_AT_AGAIN = timedelta(hours=1)
"""When what waits for a pause looks again, where only the decision of a case ends it."""


def running(account_id: UUID, *, now: datetime) -> Pause | None:
    """Return the running pause of an account that ends last; None when none runs."""
    return answered(running_asked(account_id, now=now))


def running_asked(account_id: UUID, *, now: datetime) -> Question[Pause | None]:
    """Ask for what ``running`` returns."""
    return _all_running(account_id, now=now).then(lambda pauses: next(iter(pauses), None))


def all_running(account_id: UUID, *, now: datetime) -> list[Pause]:
    """
    Return the running pauses of an account, the one that ends last first.

    Those that wait for a case to be decided come before the others: nobody knows their end.
    """
    return answered(_all_running(account_id, now=now))


def _all_running(account_id: UUID, *, now: datetime) -> Question[list[Pause]]:
    # Sorting keeps the order of those that are alike.
    return _running(account_id, now).then(
        lambda pauses: sorted(pauses, key=lambda pause: pause.held_by == "")
    )


@question
def _running(account_id: UUID, now: datetime) -> QuerySet[Pause]:
    return Pause.objects.filter(_runs(now), account_id=account_id).order_by("-ends_at", "-pk")


def times_paused(account_id: UUID, act: str, *, since: datetime) -> list[tuple[datetime, datetime]]:
    """Return when pauses have kept an act waiting since a moment, and will as they are now."""
    rows = Pause.objects.filter(account_id=account_id, ends_at__gt=since).order_by("began_at", "pk")
    times = [
        (max(row.began_at, since), min(row.ends_at, row.lifted_at or row.ends_at))
        for row in rows
        if act not in row.reason.exempt
    ]
    return [(begun, ended) for begun, ended in times if begun < ended]


def ends_of(account_ids: Collection[UUID], *, now: datetime) -> dict[UUID, datetime]:
    """
    Return, for the accounts on which a pause runs, when the last one ends.

    For one that waits for a case beyond its time: when to look again.
    """
    rows = Pause.objects.filter(_runs(now), account_id__in=account_ids).order_by("ends_at")
    found: dict[UUID, datetime] = {}
    for account_id, ends_at in rows.values_list("account_id", "ends_at"):
        found[account_id] = ends_at if ends_at > now else now + LOOKED_AT_AGAIN
    return found


def addresses_that_shorten(pauses: list[Pause]) -> list[str]:
    """
    Return the addresses that were established before all causes, the primary first.

    Not one through which a cause came: who set the password through it would end the wait that
    is there to find out whose mailbox that is. None at all while a case has to be decided, which is
    about just that: whose mailboxes they are.
    """
    if any(pause.held_by for pause in pauses):
        return []
    account = profile(pauses[0].account_id)
    before = min(pause.caused_at for pause in pauses)
    primary = [account.email] if account.email_proven_at < before else []
    others = recovery_addresses(account.pk)
    able = primary + [row.address for row in others if _established(row, before)]
    doubtful = {pause.caused_by for pause in pauses}
    return [address for address in able if address not in doubtful]


def _established(row: RecoveryAddress, before: datetime) -> bool:
    return row.proven_at is not None and row.proven_at < before and row.established(before)


def _runs(now: datetime) -> Q:
    return Q(lifted_at=None) & (Q(ends_at__gt=now) | ~Q(held_by=""))
