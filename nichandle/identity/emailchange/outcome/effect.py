"""
A change takes effect: by its code at once, by silence in the worker, many in one transaction.

All accounts are locked first; what is no longer due by then is left alone, so that a veto that
arrives before the row is written wins, and two workers never do the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from nichandle.identity.accounts import primary
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import active, lock_free, recovery_of
from nichandle.identity.emailchange import clock, telling
from nichandle.identity.emailchange.deliveries import CLOCK, set_clock
from nichandle.identity.emailchange.mails import readers
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome.lapsing import CLOSED
from nichandle.identity.emailchange.outcome.voiding import void_mailed
from nichandle.identity.emailchange.signals import changed
from nichandle.identity.pauses.operations import begin_all
from nichandle.identity.pauses.queries import ends_of
from nichandle.identity.signin.sessions.ending import end_sessions
from nichandle.platform.audit.operations import NewEntry, record_all
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE, Origin

AT_ONCE = 500
Accounts = Mapping[UUID, Account]


def apply_due(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """
    Put into effect what is due, up to ``at_once`` requests; return how many were dealt with.

    What cannot be written together, because an address was taken meanwhile, is done one by one.
    """
    due = Change.objects.filter(state=Change.State.OPEN, due_at__lte=now).order_by("due_at", "pk")
    found = list(due.values_list("pk", "account_id")[:at_once])
    if not found:
        return 0
    try:
        return _apply_together(found, now)
    except IntegrityError:
        return sum(_apply_alone(one, now) for one in found)


def thaw_due(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Bring on what waited for an account to be open again; return how many were looked at."""
    frozen = Change.objects.filter(state=Change.State.OPEN, frozen_at__isnull=False)
    found = list(frozen.order_by("frozen_at").values_list("pk", "account_id")[:at_once])
    open_again = active([account_id for _pk, account_id in found]) if found else set()
    return sum(_thaw(pk, account_id, now) for pk, account_id in found if account_id in open_again)


@transaction.atomic
def _thaw(pk: int, account_id: UUID, now: datetime) -> int:
    accounts = lock_free([account_id])
    still = Change.objects.filter(pk=pk, state=Change.State.OPEN, frozen_at__isnull=False)
    change = locked(still).first() if accounts else None
    if change is None or accounts[account_id].state != Account.State.ACTIVE:
        return 0
    change.frozen_at = None
    set_clock(change, now=now)
    change.save(update_fields=["frozen_at", *CLOCK])
    return 1


def apply(change: Change, account: Account, *, keep_session: str | None, act: Act) -> None:
    """Put one request into effect; the caller holds the account and has seen code and proof."""
    _apply([change], {account.pk: account}, keep_session=keep_session, act=act)


@transaction.atomic
def _apply_together(found: Sequence[tuple[int, UUID]], now: datetime) -> int:
    accounts = lock_free([account_id for _pk, account_id in found])
    still = Change.objects.filter(
        pk__in=[pk for pk, _account_id in found],
        account_id__in=accounts,
        state=Change.State.OPEN,
        due_at__lte=now,
    )
    changes = sorted(locked(still.order_by("pk")), key=lambda one: (one.due_at, one.pk))
    _apply(changes, accounts, keep_session=None, act=Act.by_itself(now))
    return len(changes)


def _apply_alone(one: tuple[int, UUID], now: datetime) -> int:
    try:
        return _apply_together([one], now)
    except IntegrityError:
        # Created at this very moment by somebody else: the next round sees that it is taken.
        return 0


def _apply(
    changes: Sequence[Change],
    accounts: Accounts,
    *,
    keep_session: str | None,
    act: Act,
) -> None:
    able = _without_paused(changes, accounts, act.now)
    able, late = _without_taken(able, act.now)
    if able:
        _put_into_effect(able, accounts, keep_session=keep_session, act=act)
    for change in late:
        telling.tell_owner(change, now=act.now)


def _put_into_effect(
    able: Sequence[Change],
    accounts: Accounts,
    *,
    keep_session: str | None,
    act: Act,
) -> None:
    _write(able, act.now)
    _tell(able, accounts, act=act)
    ids = [change.account_id for change in able]
    end_sessions(ids, keep=keep_session)
    # Links before the ledger: each takes rows in this order, so that nobody waits in a circle.
    void_mailed([(change.account_id, change.old_address) for change in able], now=act.now)
    changed.send(sender=Change, account_ids=ids, act=act)
    silent = [change for change in able if not change.by_code]
    record_all([_line(change, act.origin) for change in able], now=act.now)
    begin_all(
        [(change.account_id, change.asked_at) for change in silent],
        cause="change_by_silence",
        act=act,
    )


def _without_paused(changes: Sequence[Change], accounts: Accounts, now: datetime) -> list[Change]:
    """Put off what a pause forbids to its end, and what a frozen account cannot do."""
    pauses = ends_of([change.account_id for change in changes], now=now)
    able, frozen = [], []
    for change in changes:
        state = accounts[change.account_id].state
        if state == Account.State.FROZEN:
            frozen.append(change)
        elif state != Account.State.ACTIVE:
            change.due_at, change.lapses_at, change.refused_why = None, now, CLOSED
            change.save(update_fields=["due_at", "lapses_at", "refused_why"])
        elif change.account_id in pauses:
            # It cannot lapse before: what is due is not over.
            change.due_at = pauses[change.account_id]
            change.save(update_fields=["due_at"])
        else:
            able.append(change)
    _keep_frozen(frozen, accounts, now)
    return able


def _keep_frozen(changes: Sequence[Change], accounts: Accounts, now: datetime) -> None:
    """Have what is due wait for its account to be open again, and say so, until it lapses."""
    if not changes:
        return
    recovery = recovery_of([change.account_id for change in changes])
    for change in changes:
        change.frozen_at, change.due_at = now, None
        change.save(update_fields=["frozen_at", "due_at"])
        account = accounts[change.account_id]
        to = readers(account, change, recovery[account.pk], now=now)
        until, act = change.lapses_at.isoformat(), Act.by_itself(now)
        template = "emailchange/mail/frozen"
        made = telling.letters(account, change, template, to, act=act, open_until_at=until)
        telling.write(made)
    lines = [NewEntry("email.change_frozen", each.account_id, NOWHERE, {}) for each in changes]
    record_all(lines, now=now)


def _without_taken(changes: Sequence[Change], now: datetime) -> tuple[list[Change], list[Change]]:
    """
    Part what may go on from what goes to an address that has become another's.

    Of two in one batch that want the same one, the first becomes its owner.
    """
    owned = primary.owners([change.new_key for change in changes], now=now)
    able, late, wanted = [], [], set()
    for change in changes:
        others = owned.get(change.new_key, set()) - {change.account_id}
        if others or change.new_key in wanted:
            change.taken, change.proven_at, change.due_at = True, None, None
            change.prompt_at = clock.prompt_at(change)
            change.save(update_fields=["taken", "proven_at", "due_at", "prompt_at"])
            late.append(change)
        else:
            wanted.add(change.new_key)
            able.append(change)
    return able, late


def _write(changes: Sequence[Change], now: datetime) -> None:
    """Write the new addresses, and keep the old ones for who may have them back."""
    rows, kept = [], []
    for change in changes:
        assert change.proven_at is not None
        proven = change.proven_at
        rows.append(
            primary.NewAddress(change.account_id, change.new_address, change.new_key, proven)
        )
        kept.append((change.account_id, addresses.key(change.old_address)))
        change.state, change.ended_at = Change.State.DONE, now
    primary.replace(rows, now=now)
    primary.keep(kept, until=now + clock.UNDO_FOR)
    Change.objects.filter(pk__in=[change.pk for change in changes]).update(
        state=Change.State.DONE, ended_at=now, due_at=None, remind_at=None, prompt_at=None
    )


def _tell(changes: Sequence[Change], accounts: Accounts, *, act: Act) -> None:
    recovery = recovery_of([change.account_id for change in changes])
    made: list[telling.Made] = []
    for change in changes:
        account = accounts[change.account_id]
        sides = (change.old_address, change.new_address)
        to = readers(account, change, recovery[account.pk], also=sides, now=act.now)
        # Accepted by silence, it comes from where it was asked.
        asked_from = Origin(change.ip, change.agent)
        source = asked_from if act.origin == NOWHERE else act.origin
        made += telling.letters(
            account,
            change,
            "emailchange/mail/changed",
            to,
            act=Act(source, act.now),
            silent_for=clock.silence(change).total_seconds(),
        )
    telling.write(made)


def _line(change: Change, origin: Origin) -> NewEntry:
    details = {
        "old": change.old_address,
        "new": change.new_address,
        "approved": "code" if change.by_code else "silence",
    }
    return NewEntry("email.changed", change.account_id, origin, details)
