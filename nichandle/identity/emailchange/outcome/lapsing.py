"""
How a request ends because its time is over, and the times that are not counted against it.

``lapses_at`` is what was known when it was written. Before a request is ended it is reckoned anew:
its mail may have been stuck since, or the worker away.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_free, recovery_of
from nichandle.identity.emailchange import clock, telling
from nichandle.identity.emailchange.models import Absence, Change, ChangeMail, Round
from nichandle.identity.emailchange.outcome.endings import ended_letters
from nichandle.identity.emailchange.queries import absences
from nichandle.platform.audit.operations import NewEntry, record_all
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE

AT_ONCE = 500
NOTED_EVERY = timedelta(minutes=1)
KEPT_FOR = timedelta(days=90)
"""Longer than any request is open."""
CLOSED = "closed"


def note_round(*, now: datetime) -> None:
    """Note that a worker looks, once a minute, and how long none did."""
    last = Round.objects.order_by("pk").first()
    if last is not None and timedelta(0) <= now - last.seen_at < NOTED_EVERY:
        return
    with transaction.atomic():
        last = locked(Round.objects.order_by("pk")).first()
        if last is None:
            Round.objects.get_or_create(pk=1, defaults={"seen_at": now})
            return
        if now - last.seen_at >= clock.AWAY_AFTER:
            Absence.objects.create(began_at=last.seen_at, ended_at=now)
        last.seen_at = now
        last.save(update_fields=["seen_at"])


def clear_old(*, now: datetime) -> None:
    """Forget absences that no open request remembers."""
    Absence.objects.filter(ended_at__lt=now - KEPT_FOR).delete()


def lapse_due(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """
    End what was open for seven days, up to ``at_once``; return how many were dealt with.

    What is due is not over, however late: a worker that was away finds both at once, and silence
    that has lasted counts.
    """
    found = list(_over(now).order_by("lapses_at").values_list("pk", "account_id")[:at_once])
    return _lapse(found, now) if found else 0


@transaction.atomic
def _lapse(found: Sequence[tuple[int, UUID]], now: datetime) -> int:
    accounts = lock_free([account_id for _pk, account_id in found])
    still = _over(now).filter(pk__in=[pk for pk, _ in found], account_id__in=accounts)
    looked_at = list(locked(still.order_by("pk")))
    changes = _really_over(looked_at, now)
    for why in {change.refused_why for change in changes}:
        alike = [change.pk for change in changes if change.refused_why == why]
        Change.objects.filter(pk__in=alike).update(
            state=Change.State.LAPSED,
            ended_at=now,
            refused_why=why,
            due_at=None,
            remind_at=None,
            prompt_at=None,
            code_digest="",
            proof_code_digest="",
        )
    _tell(changes, accounts, now)
    lines = [
        NewEntry("email.change_lapsed", change.account_id, NOWHERE, {"reason": change.refused_why})
        for change in changes
    ]
    record_all(lines, now=now)
    return len(looked_at)


def _tell(changes: Sequence[Change], accounts: Mapping[UUID, Account], now: datetime) -> None:
    recovery = recovery_of(list(accounts))
    told: list[telling.Made] = []
    for change in changes:
        change.state, account = Change.State.LAPSED, accounts[change.account_id]
        told += ended_letters(change, account, recovery[account.pk], act=Act.by_itself(now))
    telling.write(told)


def _really_over(changes: Sequence[Change], now: datetime) -> list[Change]:
    """Return those whose time is over, each with its reason; put the others' end off."""
    if not changes:
        return []
    mails: dict[int, list[ChangeMail]] = {change.pk: [] for change in changes}
    for mail in ChangeMail.objects.filter(change__in=changes).order_by("pk"):
        mails[mail.change_id].append(mail)
    away = absences(since=min(change.asked_at for change in changes), now=now)
    over, later = [], []
    for change in changes:
        own = mails[change.pk]
        ends = clock.lapses_at(change, own, away=away, now=now)
        if change.refused_why != CLOSED and ends > now:
            change.lapses_at = ends
            later.append(change)
            continue
        change.refused_why = change.refused_why or _why(change, own)
        over.append(change)
    if later:
        Change.objects.bulk_update(later, ["lapses_at"], batch_size=AT_ONCE)
    return over


def _why(change: Change, mails: Sequence[ChangeMail]) -> str:
    """Return what kept a request from its effect, as its last mail says it."""
    if change.frozen_at is not None:
        return "frozen"
    if change.held_at is not None:
        return "held"
    if change.proven_at is None:
        return "unproven"
    return "mail" if clock.current_refuses(mails) else ""


def _over(now: datetime) -> QuerySet[Change]:
    over = Change.objects.filter(state=Change.State.OPEN, lapses_at__lte=now)
    return over.filter(Q(due_at=None) | Q(due_at__gt=now))
