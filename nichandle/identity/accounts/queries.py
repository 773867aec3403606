"""Reading accounts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from nichandle.identity.accounts.models import Account, RecoveryAddress, VoidedPassword
from nichandle.identity.handles.models import Handle
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.database import claimable, locked
from nichandle.platform.kernel.reading.questions import Question, answered, question
from nichandle.platform.outbox.queries import Undelivered, newest_to, undelivered


def by_address_key(key: str) -> Account | None:
    """Return the account with this primary address, its identifier read along."""
    return Account.objects.select_related("handle").filter(email_key=key).first()


def accounts_of_address(key: str) -> dict[str, list[Account]]:
    """
    Return the accounts whose primary or proven recovery address has this key.

    By the address as it is stored, first those whose primary one it is, then oldest first.
    """
    proven = RecoveryAddress.objects.filter(
        address_key=key, removed_at=None, proven_at__isnull=False
    )
    # Two statements: as one, with a subquery beside an OR, PostgreSQL reads every account.
    spelled = dict(proven.values_list("account_id", "address"))
    mine = Q(email_key=key) | Q(pk__in=list(spelled))
    accounts = list(Account.objects.select_related("handle").filter(mine).order_by("created_at"))
    found: dict[str, list[Account]] = {}
    for account in sorted(accounts, key=lambda one: one.email_key != key):
        stored = account.email if account.email_key == key else spelled[account.pk]
        found.setdefault(stored, []).append(account)
    return found


def by_handle(handle: Handle) -> Account | None:
    """Return the account that an identifier belongs to; None once it is erased."""
    return Account.objects.select_related("handle").filter(handle=handle).first()


@question
def _account(account_id: UUID) -> QuerySet[Account]:
    return Account.objects.select_related("handle").filter(pk=account_id)


def profile_asked(account_id: UUID) -> Question[Account]:
    """Ask for what ``profile`` returns."""
    return _account(account_id).then(lambda rows: rows[0])


def profile(account_id: UUID) -> Account:
    """Return one account with its identifier."""
    return Account.objects.select_related("handle").get(pk=account_id)


def lock_account(account_id: UUID) -> Account:
    """Return one account with its identifier, its row locked until the transaction ends."""
    return locked(Account.objects.filter(pk=account_id)).select_related("handle").get()


def lock_free(account_ids: Collection[UUID]) -> dict[UUID, Account]:
    """Lock the accounts nobody else holds, with their identifiers; the others are left out."""
    rows = claimable(Account.objects.filter(pk__in=account_ids)).select_related("handle")
    return {account.pk: account for account in rows.order_by("pk")}


def existing(account_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these are accounts."""
    return set(Account.objects.filter(pk__in=account_ids).values_list("pk", flat=True))


def active(account_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these accounts are open: neither frozen nor closed."""
    rows = Account.objects.filter(pk__in=account_ids, state=Account.State.ACTIVE)
    return set(rows.values_list("pk", flat=True))


def handle_of(account: str) -> Subquery:
    """Return the identifier of an account as a query of another room looks it up, by its column."""
    return Subquery(Account.objects.filter(pk=OuterRef(account)).values("handle__text")[:1])


def handles_of(account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the identifiers of accounts, empty for one that has none yet."""
    rows = Account.objects.filter(pk__in=account_ids).values_list("pk", "handle__text")
    return {account_id: text or "" for account_id, text in rows}


@question
def recovery_asked(account_id: UUID) -> QuerySet[RecoveryAddress]:
    """Ask for an account's recovery addresses, proven or not, oldest first."""
    rows = RecoveryAddress.objects.filter(account_id=account_id, removed_at=None)
    return rows.order_by("added_at", "pk")


def recovery_addresses(account_id: UUID) -> list[RecoveryAddress]:
    """Return what ``recovery_asked`` asks for."""
    return answered(recovery_asked(account_id))


def undelivered_to(waiting: RecoveryAddress) -> Undelivered:
    """Tell why the code that a recovery address waits for will never arrive; empty while it may."""
    template = "accounts/mail/recovery_code"
    sent = newest_to(waiting.address, account_id=waiting.account_id, template=template)
    return undelivered(sent)


def former_hashes(account_id: UUID) -> list[str]:
    """Return the hashes that may not be those of a new password: the present one, voided ones."""
    voided = VoidedPassword.objects.filter(account_id=account_id).values_list("encoded", flat=True)
    present = Account.objects.values_list("password", flat=True).get(pk=account_id)
    return [encoded for encoded in [present, *voided] if encoded]


def established_recovery(account_id: UUID, *, now: datetime) -> list[RecoveryAddress]:
    """Return the recovery addresses that may act, oldest first."""
    return [row for row in recovery_addresses(account_id) if row.established(now)]


def may_act(account_id: UUID, address: str, *, now: datetime) -> bool:
    """
    Tell whether an address is one that may act at this moment: the primary, or an established one.

    A link or code is as good as the address it was mailed to: one that was removed since opens
    nothing, or the mailbox somebody left behind would be a way into the account.
    """
    key = addresses.key(address)
    if key == Account.objects.values_list("email_key", flat=True).get(pk=account_id):
        return True
    able = established_recovery(account_id, now=now)
    return any(addresses.key(row.address) == key for row in able)


def known_addresses(account: Account, *, now: datetime) -> list[str]:
    """
    Return who hears of what happens: the primary address, the proven recovery ones.

    One that was removed hears of it for seven days more.
    """
    return addresses_told(account, recovery_of([account.pk])[account.pk], now=now)


def recovery_of(account_ids: Collection[UUID]) -> Mapping[UUID, list[RecoveryAddress]]:
    """Return the recovery addresses of accounts, removed ones too, oldest first; one statement."""
    found: dict[UUID, list[RecoveryAddress]] = {account_id: [] for account_id in account_ids}
    rows = RecoveryAddress.objects.filter(account_id__in=account_ids, proven_at__isnull=False)
    for row in rows.order_by("added_at", "pk"):
        found[row.account_id].append(row)
    return found


def every_recovery_address(account_id: UUID) -> list[str]:
    """Return all recovery addresses that an account has or had: not proven and removed ones too."""
    rows = RecoveryAddress.objects.filter(account_id=account_id)
    return list(rows.values_list("address", flat=True))


def addresses_told(
    account: Account, recovery: Sequence[RecoveryAddress], *, now: datetime
) -> list[str]:
    """Return what ``known_addresses`` does, from rows already read."""
    others = [row.address for row in recovery if row.hears(now)]
    return list(dict.fromkeys([account.email, *others]))
