"""How a request ends without effect: vetoed, withdrawn, replaced, lapsed; and how it is held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.queries import lock_account, lock_free, profile, recovery_of
from nichandle.identity.emailchange import telling
from nichandle.identity.emailchange.deliveries import CLOCK, set_clock
from nichandle.identity.emailchange.errors import NoOpenChange, VetoLinkNotValid
from nichandle.identity.emailchange.mails import readers
from nichandle.identity.emailchange.models import Change, ChangeLink, ChangeMail
from nichandle.identity.emailchange.queries import (
    VETOED_BY_LINK,
    VETOED_SIGNED_IN,
    link_of,
    open_change,
    why_not,
)
from nichandle.identity.notme.operations import mint
from nichandle.platform.audit.operations import NewEntry, record, record_all
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import claimable, locked
from nichandle.platform.kernel.origin import NOWHERE, Origin

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Vetoed:
    """A veto that ended a request; ``not_me`` opens the page that makes the account safe."""

    change: Change
    not_me: str


@transaction.atomic
def veto(*, secret: str, act: Act) -> Vetoed:
    """
    End the account's open request with the link of a mail, whichever request's mail it came in.

    :raises VetoLinkNotValid: when the link is unknown, its address is the account's no longer, or
        no request is open
    """
    found = link_of(secret, ChangeLink.Kind.VETO)
    if found is None:
        raise VetoLinkNotValid("unknown")
    account = lock_account(found.change.account_id)
    found, change = link_of(secret, ChangeLink.Kind.VETO), open_change(account.pk)
    why = why_not(found, now=act.now)
    if found is None or change is None or why:
        raise VetoLinkNotValid(why)
    refuse(change, act=act, reason=VETOED_BY_LINK, by=found.address)
    secure = mint(
        account_id=change.account_id,
        event="email.change_asked",
        address=found.address,
        event_at=change.asked_at,
        now=act.now,
    )
    return Vetoed(change, secure)


@transaction.atomic
def veto_signed_in(*, account_id: UUID, act: Act) -> None:
    """
    End the open request, signed in.

    :raises NoOpenChange: when none is open
    """
    lock_account(account_id)
    refuse(_open(account_id), act=act, reason=VETOED_SIGNED_IN)


@transaction.atomic
def withdraw(*, account_id: UUID, act: Act) -> None:
    """
    Withdraw the open request.

    :raises NoOpenChange: when none is open
    """
    lock_account(account_id)
    change = _open(account_id)
    _end(change, Change.State.WITHDRAWN, act=act)
    record("email.change_withdrawn", account_id=account_id, act=act)


@transaction.atomic
def resume(*, account_id: UUID, act: Act) -> None:
    """
    Let a held request go on; silence begins anew. The caller has seen a fresh sign-in.

    :raises NoOpenChange: when none is open
    """
    lock_account(account_id)
    change = _open(account_id)
    if change.held_at is None:
        return
    change.held_at, change.resumed_at = None, act.now
    set_clock(change)
    change.save(update_fields=["held_at", "resumed_at", *CLOCK])
    record("email.change_resumed", account_id=account_id, act=act)


def refuse(change: Change, *, act: Act, reason: str, by: str = "") -> None:
    """End a request as refused; the caller holds the account's row."""
    change.refused_why = reason
    _end(change, Change.State.REFUSED, act=act)
    record(
        "email.change_refused",
        account_id=change.account_id,
        act=act,
        reason=reason,
        address=by or None,
    )


def replace(change: Change, *, act: Act) -> None:
    """End a request because a newer one takes its place; that one's mails tell it."""
    _close(change, Change.State.REPLACED, act.now)
    record("email.change_replaced", account_id=change.account_id, act=act)


def lapse_due(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """
    End what was open for seven days, up to ``at_once``; return how many.

    What is due is not over, however late: a worker that was away finds both at once, and silence
    that has lasted counts.
    """
    found = list(_over(now).order_by("lapses_at").values_list("pk", "account_id")[:at_once])
    return _lapse(found, now) if found else 0


@transaction.atomic
def _lapse(found: Sequence[tuple[int, UUID]], now: datetime) -> int:
    accounts = lock_free([account_id for _pk, account_id in found])
    still = _over(now).filter(pk__in=[pk for pk, _ in found], account_id__in=accounts)
    changes = list(locked(still.order_by("pk")))
    Change.objects.filter(pk__in=[change.pk for change in changes]).update(
        state=Change.State.LAPSED, ended_at=now, due_at=None, remind_at=None, code_digest=""
    )
    recovery = recovery_of(list(accounts))
    told: list[telling.Made] = []
    for change in changes:
        change.state, account = Change.State.LAPSED, accounts[change.account_id]
        told += _letters(change, account, recovery[account.pk], act=Act.by_itself(now))
    telling.write(told)
    lines = [NewEntry("email.change_lapsed", change.account_id, NOWHERE, {}) for change in changes]
    record_all(lines, now=now)
    return len(changes)


def remind_due(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Send the reminders whose time has come, up to ``at_once``; return how many."""
    late = Change.objects.filter(state=Change.State.OPEN, remind_at__lte=now).order_by("remind_at")
    found = list(late.values_list("pk", "account_id")[:at_once])
    return sum(_remind(pk, account_id, now) for pk, account_id in found)


@transaction.atomic
def _remind(pk: int, account_id: UUID, now: datetime) -> int:
    accounts = lock_free([account_id])
    still = Change.objects.filter(pk=pk, state=Change.State.OPEN, remind_at__lte=now)
    change = claimable(still).first() if accounts else None
    if change is None:
        return 0
    account, origin = accounts[account_id], Origin(change.ip, change.agent)
    telling.tell(ChangeMail.Part.REMINDER, account, change, act=Act(origin, now))
    change.remind_at = None
    change.save(update_fields=["remind_at"])
    return 1


def take_back(account_id: UUID, *, since: datetime, act: Act) -> None:
    """End what was asked since a disowned act; hold, for the owner to resume, what was before."""
    change = open_change(account_id)
    if change is None:
        return
    if change.asked_at >= since:
        refuse(change, act=act, reason="disowned")
        return
    change.held_at, change.due_at, change.remind_at = act.now, None, None
    change.save(update_fields=["held_at", "due_at", "remind_at"])
    record("email.change_held", account_id=account_id, act=act)


def _over(now: datetime) -> QuerySet[Change]:
    over = Change.objects.filter(state=Change.State.OPEN, lapses_at__lte=now)
    return over.filter(Q(due_at=None) | Q(due_at__gt=now))


def _open(account_id: UUID) -> Change:
    change = open_change(account_id)
    if change is None:
        raise NoOpenChange
    return change


def _end(change: Change, state: Change.State, *, act: Act) -> None:
    """End a request and tell every address."""
    _close(change, state, act.now)
    account = profile(change.account_id)
    recovery = recovery_of([account.pk])[account.pk]
    telling.write(_letters(change, account, recovery, act=act))


def _letters(
    change: Change,
    account: Account,
    recovery: Sequence[RecoveryAddress],
    *,
    act: Act,
) -> Iterator[telling.Made]:
    to = readers(account, change, recovery, now=act.now)
    template = "emailchange/mail/ended"
    return telling.letters(account, change, template, to, act=act)


def _close(change: Change, state: Change.State, now: datetime) -> None:
    change.state, change.ended_at = state, now
    change.code.spend()
    change.due_at = change.remind_at = None
    change.save(
        update_fields=["state", "ended_at", "code_digest", "due_at", "remind_at", "refused_why"]
    )
