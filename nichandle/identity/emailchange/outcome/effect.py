"""
A change takes effect: by its code at once, by silence in the worker, many in one transaction.

All accounts are locked first; what is no longer due by then is left alone, so that a veto that
arrives before the row is written wins, and two workers never do the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from nichandle.identity.accounts import primary
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.queries import addresses_told, lock_free, recovery_of
from nichandle.identity.emailchange import mails, telling
from nichandle.identity.emailchange.clock import UNDO_FOR
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.outcome.voiding import void_mailed
from nichandle.identity.emailchange.signals import changed
from nichandle.identity.emailchange.telling import may_disown, not_me_link
from nichandle.identity.pauses.operations import begin_all
from nichandle.identity.pauses.queries import ends_of
from nichandle.identity.signin.sessions.ending import end_sessions
from nichandle.platform.audit.operations import Line, record_all
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import enqueue_all

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


def apply(
    change: Change, account: Account, *, keep_session: str | None, origin: Origin, now: datetime
) -> None:
    """Put one request into effect; the caller holds the account and has seen code and proof."""
    _apply([change], {account.pk: account}, keep_session=keep_session, origin=origin, now=now)


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
    _apply(changes, accounts, keep_session=None, origin=None, now=now)
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
    origin: Origin | None,
    now: datetime,
) -> None:
    able = _without_paused(changes, accounts, now)
    able, late = _without_taken(able, now)
    if able:
        _put_into_effect(able, accounts, keep_session=keep_session, origin=origin, now=now)
    for change in late:
        telling.tell_owner(change, now=now)


def _put_into_effect(
    able: Sequence[Change],
    accounts: Accounts,
    *,
    keep_session: str | None,
    origin: Origin | None,
    now: datetime,
) -> None:
    _write(able, now)
    _tell(able, accounts, origin=origin, now=now)
    ids = [change.account_id for change in able]
    end_sessions(ids, keep=keep_session)
    # Links before the ledger: each takes rows in this order, so that nobody waits in a circle.
    void_mailed([(change.account_id, change.old_address) for change in able], now=now)
    changed.send(sender=Change, account_ids=ids, origin=origin or NOWHERE, now=now)
    silent = [change for change in able if not change.by_code]
    record_all([_line(change, origin) for change in able], now=now)
    begin_all(
        [(change.account_id, change.asked_at) for change in silent],
        cause="change_by_silence",
        origin=origin or NOWHERE,
        now=now,
    )


def _without_paused(changes: Sequence[Change], accounts: Accounts, now: datetime) -> list[Change]:
    """Put off what a pause forbids to its end; end what belongs to an account not active."""
    pauses = ends_of([change.account_id for change in changes], now=now)
    able = []
    for change in changes:
        if accounts[change.account_id].state != Account.State.ACTIVE:
            change.due_at, change.lapses_at = None, now
            change.save(update_fields=["due_at", "lapses_at"])
        elif change.account_id in pauses:
            change.due_at = pauses[change.account_id]
            change.lapses_at = max(change.lapses_at, change.due_at + timedelta(hours=1))
            change.save(update_fields=["due_at", "lapses_at"])
        else:
            able.append(change)
    return able


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
            change.save(update_fields=["taken", "proven_at", "due_at"])
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
    primary.keep(kept, until=now + UNDO_FOR)
    Change.objects.filter(pk__in=[change.pk for change in changes]).update(
        state=Change.State.DONE, ended_at=now, due_at=None, remind_at=None
    )


@dataclass(frozen=True, slots=True)
class _Letters:
    """What goes out for changes that took effect: mails, and the links that are in them."""

    mails: list[Mail]
    links: list[ChangeLink]


def _tell(
    changes: Sequence[Change], accounts: Accounts, *, origin: Origin | None, now: datetime
) -> None:
    recovery = recovery_of([change.account_id for change in changes])
    made = _Letters([], [])
    for change in changes:
        account = accounts[change.account_id]
        _tell_one(account, change, recovery[account.pk], made, origin=origin, now=now)
    ChangeLink.objects.bulk_create(made.links)
    enqueue_all(made.mails)


def _tell_one(
    account: Account,
    change: Change,
    recovery: Sequence[RecoveryAddress],
    made: _Letters,
    *,
    origin: Origin | None,
    now: datetime,
) -> None:
    """Word to old, new and recovery addresses; who may undo gets a link of its own."""
    able = {change.old_address}
    if not change.by_code:
        able |= {row.address for row in recovery if row.hears(now) and row.was_established(now)}
    # A change by code is not undone from elsewhere, but contested it may be.
    contest = may_disown(change, recovery, now=now) if change.by_code else set()
    told = addresses_told(account, recovery, now=now)
    for address in dict.fromkeys([change.old_address, change.new_address, *told]):
        secrets = {}
        if address in able and address != change.new_address:
            minted = tokens.mint()
            secrets["undo"] = minted.secret
            made.links.append(
                ChangeLink(
                    change=change,
                    kind=ChangeLink.Kind.UNDO,
                    address=address,
                    digest=minted.digest,
                    expires_at=now + UNDO_FOR,
                )
            )
        elif address in contest:
            secrets["not_me"] = not_me_link(change, address, now=now)
        source = origin or Origin(change.ip, change.agent)
        made.mails.append(
            mails.changed(account, change, address, secrets=secrets, origin=source, now=now)
        )


def _line(change: Change, origin: Origin | None) -> Line:
    details = {
        "old": change.old_address,
        "new": change.new_address,
        "approved": "code" if change.by_code else "silence",
    }
    return Line("email.changed", change.account_id, origin or NOWHERE, details)
