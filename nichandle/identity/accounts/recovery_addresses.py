"""Recovery addresses: added, proven by their own code, told of."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import primary
from nichandle.identity.accounts.contest import contesting_addresses, may_contest
from nichandle.identity.accounts.letterhead import letter, write
from nichandle.identity.accounts.models import Account, RecoveryAddress, RecoveryLink
from nichandle.identity.accounts.queries import known_addresses, lock_account
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import MANGLED, LinkRefused, Refused, link_over
from nichandle.platform.kernel.wording.figures import Duration, Number, with_figures
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.mailboxes import spend_mail
from nichandle.platform.limits.operations import check, spend
from nichandle.platform.outbox.operations import enqueue_all

CODE_LIFETIME = timedelta(hours=24)
"""The longest that NIST SP 800-63B-4 section 4.2.1.2 allows for a code sent by mail."""
AT_CREATION_FOR = timedelta(hours=24)
UNDO_FOR = timedelta(days=7)
AT_MOST = 5


class SameAsPrimary(Refused):
    code = "recovery_address.same_as_primary"
    message = _("Give another address than the one above: both lost at once would help nobody.")
    field = "recovery_address"


class KnownAlready(Refused):
    code = "recovery_address.known_already"
    message = _("This is one of your recovery addresses already.")
    field = "address"


class TooManyRecoveryAddresses(Refused):
    code = "recovery_address.too_many"
    message = with_figures(
        _("You have %(count)s recovery addresses. Remove one first."), count=Number(AT_MOST)
    )
    field = "address"


class NotThere(Refused):
    code = "recovery_address.not_there"
    message = _("This recovery address was removed already.")
    status = 404


class UndoNotValid(LinkRefused):
    code = "recovery_address.undo_not_valid"
    message = with_figures(
        _("This link was used, is older than %(time)s, or there is nothing left to undo."),
        time=Duration(UNDO_FOR, "than"),
    )
    sentences: ClassVar = {
        "unknown": MANGLED,
        "used": _("This link was used, or another mail about the same address was."),
        "expired": link_over(UNDO_FOR),
        "nothing": _("There is nothing left to undo: the recovery address is as it was before."),
        "address": _("This link was mailed to an address that is no longer the account's."),
    }


class MailedOften(Refused):
    code = "recovery_address.mailed_often"
    message = _("Too many codes were sent to this address. Give another, or none for now.")
    field = "recovery_address"
    status = 429


class NothingToProve(Refused):
    code = "recovery_address.nothing_to_prove"
    message = _("No recovery address is waiting for a code.")


class RecoveryCodeWrong(Refused):
    code = "recovery_address.code_wrong"
    message = _("This is not the code we sent to that address. Check it and try again.")
    field = "code"
    counted = True


class RecoveryCodeExpired(Refused):
    code = "recovery_address.code_expired"
    message = _("This code is no longer valid. Have a new one sent.")
    field = "code"


def add_at_creation(account: Account, *, address: str, act: Act) -> None:
    """
    Add the address given while the account is opened, and mail it its code.

    :raises SameAsPrimary: when it is the primary address
    :raises MailedOften: after too many mails to it, whoever had them sent
    """
    _add(account, address, at_creation=True, act=act)


@transaction.atomic
def add(*, account_id: UUID, address: str, act: Act) -> RecoveryAddress:
    """
    Add a recovery address and mail it its code; the caller has seen a fresh sign-in and no pause.

    One that waits for its code already is returned as it is: pressed twice, it is mailed once.

    :raises SameAsPrimary: when it is the primary address
    :raises KnownAlready: when it is proven already
    :raises TooManyRecoveryAddresses: beyond five
    :raises MailedOften: after too many mails to it, whoever had them sent
    """
    account, key = lock_account(account_id), addresses.key(address)
    present = list(account.recovery_addresses.filter(removed_at=None))
    for row in present:
        if row.address_key == key and row.proven_at is not None:
            raise KnownAlready
        if row.address_key == key:
            return row
    if len(present) >= AT_MOST:
        raise TooManyRecoveryAddresses
    return _add(account, address, at_creation=False, act=act)


@transaction.atomic
def remove(*, account_id: UUID, which: int, act: Act) -> None:
    """
    Remove a recovery address; the caller has seen a fresh sign-in and no pause.

    Every address is told, the removed one too, and who is established may undo it for seven days;
    for so long the removed one keeps its notices, its veto and its undo.

    :raises NotThere: when it is none of the account's, or was removed already
    """
    account = lock_account(account_id)
    recovery = account.recovery_addresses.filter(pk=which, removed_at=None).first()
    if recovery is None:
        raise NotThere
    if recovery.proven_at is None:
        # Nobody was told of it and it could do nothing: the ledger alone knows that it was there.
        recovery.delete()
        _record_removed(account, recovery, act)
        return
    recovery.removed_at = act.now
    recovery.save(update_fields=["removed_at"])
    _record_removed(account, recovery, act)
    _tell(account, recovery, added=False, act=act)


@transaction.atomic
def undo(*, secret: str, act: Act) -> RecoveryLink:
    """
    Undo that a recovery address came or went, with the link of a mail.

    :raises UndoNotValid: when the link is unknown, used, too old, or there is nothing to undo
    """
    found = link_of(secret)
    if found is None:
        raise UndoNotValid("unknown")
    account = lock_account(found.recovery.account_id)
    link = locked(RecoveryLink.objects.select_related("recovery").filter(pk=found.pk)).get()
    recovery = link.recovery
    why = why_no_undo(link, account, now=act.now)
    if why:
        raise UndoNotValid(why)
    RecoveryLink.objects.filter(recovery=recovery, used_at=None).update(used_at=act.now)
    if link.added:
        recovery.removed_at = act.now
        recovery.save(update_fields=["removed_at"])
    elif not primary.bring_back(recovery, now=act.now):
        raise UndoNotValid("nothing")
    what = "taken_back" if link.added else "restored"
    record(
        "recovery_address.undone",
        account_id=account.pk,
        act=act,
        address=recovery.address,
        what=what,
    )
    facts = {"address": recovery.address, "there": recovery.removed_at is None}
    write(account, "accounts/mail/recovery_undone", facts=facts, act=act)
    return link


def waiting_since_creation(account_id: UUID, *, now: datetime) -> RecoveryAddress | None:
    """
    Return the address named in the steps of a creation that still waits for its code, within a day.

    It alone is proven without more ado; any other is a change of an account's ways back.
    """
    rows = RecoveryAddress.objects.filter(account_id=account_id, removed_at=None, proven_at=None)
    named = rows.filter(at_creation=True, added_at__gt=now - AT_CREATION_FOR)
    return named.order_by("-added_at", "-pk").first()


def waiting_for_code(account_id: UUID) -> list[RecoveryAddress]:
    """Return the addresses that wait for their code, the newest first."""
    rows = RecoveryAddress.objects.filter(account_id=account_id, removed_at=None, proven_at=None)
    return list(rows.order_by("-added_at", "-pk"))


def remove_all(account_id: UUID) -> None:
    """Forget every recovery address of an account, with its links; the caller holds the account."""
    RecoveryAddress.objects.filter(account_id=account_id).delete()


def link_of(secret: str) -> RecoveryLink | None:
    """Return an undo link with its address; None when there never was one."""
    links = RecoveryLink.objects.select_related("recovery__account")
    return links.filter(digest=tokens.digest(secret)).first()


def why_no_undo(link: RecoveryLink, account: Account, *, now: datetime) -> str:
    """Return why a link undoes nothing, a key of its refusal's sentences; empty while it does."""
    if now >= link.expires_at:
        return "expired"
    if not may_contest(account, link.address, now=now):
        return "address"
    if link.used_at is not None:
        return "used"
    recovery = link.recovery
    there = recovery.removed_at is None
    primary_now = not link.added and recovery.address_key == account.email_key
    return "nothing" if there != link.added or primary_now else ""


def void_to(mailed: Sequence[tuple[UUID, str]], *, now: datetime) -> None:
    """End the undo links (of an account, to an address) mailed to what it has no longer."""
    links = RecoveryLink.objects.filter(
        recovery__account_id__in=[one for one, _ in mailed], used_at=None
    )
    pairs = set(mailed)
    found = links.values_list("pk", "recovery__account_id", "address")
    ours = [pk for pk, account_id, address in found if (account_id, address) in pairs]
    RecoveryLink.objects.filter(pk__in=ours).update(used_at=now)


def send_again(*, account_id: UUID, act: Act, which: int | None = None) -> None:
    """
    Mail a new code to the recovery address that waits for one; the code before is void.

    ``which`` names it where several wait; else it is the newest.

    :raises NothingToProve: when none waits
    :raises Exhausted: after too many mails to that address
    """
    waiting = _waiting(account_id, which)
    _allow_mail(account_id, waiting.address, act)
    with transaction.atomic():
        account = lock_account(account_id)
        _send(account, _waiting(account_id, which), act=act)


def prove(*, account_id: UUID, code: str, act: Act, which: int | None = None) -> None:
    """
    Prove the recovery address that waits, with the code mailed to it.

    ``which`` names it where several wait; else it is the newest.

    :raises NothingToProve: when none waits
    :raises RecoveryCodeWrong: counted
    :raises RecoveryCodeExpired: when the code is too old
    :raises Exhausted: after ten wrong codes in a day
    """
    check(("recovery_address.code", str(account_id)), now=act.now)
    with counting():
        account = lock_account(account_id)
        recovery = _waiting(account_id, which)
        if recovery.code.expired(act.now):
            raise RecoveryCodeExpired
        if recovery.code.fits(code, now=act.now):
            _prove(account, recovery, act=act)
            return
        _count(account_id, act)
        raise RecoveryCodeWrong


def _add(account: Account, address: str, *, at_creation: bool, act: Act) -> RecoveryAddress:
    key = addresses.key(address)
    if key == account.email_key:
        raise SameAsPrimary
    try:
        _allow_mail(account.pk, address, act)
    except Exhausted as spent:
        if spent.name.startswith("recovery_address.mail"):
            raise MailedOften from spent
        raise
    recovery = RecoveryAddress.objects.create(
        account=account, address=address, address_key=key, at_creation=at_creation, added_at=act.now
    )
    record("recovery_address.added", account_id=account.pk, act=act, address=address)
    _send(account, recovery, act=act)
    return recovery


def _allow_mail(account_id: UUID, address: str, act: Act) -> None:
    """
    Count a mail to an address that nobody has proven, whoever reads it.

    By account too, and by network: else one customer could have any number of strangers written to.

    :raises Exhausted: after too many
    """
    spend("recovery_address.account", key=str(account_id), now=act.now)
    spend("unproven.network", key=act.origin.network, now=act.now)
    spend_mail(
        "recovery_address.mail",
        mailbox=addresses.mailbox(address),
        network=act.origin.network,
        now=act.now,
    )


def _record_removed(account: Account, recovery: RecoveryAddress, act: Act) -> None:
    record(
        "recovery_address.removed",
        account_id=account.pk,
        act=act,
        address=recovery.address,
    )


def _tell(account: Account, recovery: RecoveryAddress, *, added: bool, act: Act) -> None:
    """Tell every address; who may contest has an undo, but not the one that has just come."""
    RecoveryLink.objects.filter(recovery=recovery, used_at=None).update(used_at=act.now)
    template = "accounts/mail/recovery_proven" if added else "accounts/mail/recovery_removed"
    facts, able = {"address": recovery.address}, contesting_addresses(account, now=act.now)
    for address in known_addresses(account, now=act.now):
        secrets = {}
        if address in able and not (added and address == recovery.address):
            minted = tokens.mint()
            secrets["undo"] = minted.secret
            RecoveryLink.objects.create(
                recovery=recovery,
                added=added,
                address=address,
                digest=minted.digest,
                made_at=act.now,
                expires_at=act.now + UNDO_FOR,
            )
        to = [address]
        write(account, template, to=to, facts=facts, secrets=secrets, act=act)


def _prove(account: Account, recovery: RecoveryAddress, *, act: Act) -> None:
    recovery.proven_at = act.now
    recovery.code.spend()
    # An address proven long after the creation is as young as any other.
    recovery.at_creation = recovery.at_creation and act.now - recovery.added_at < AT_CREATION_FOR
    recovery.save(update_fields=["proven_at", "code_digest", "at_creation"])
    record(
        "recovery_address.proven",
        account_id=account.pk,
        act=act,
        address=recovery.address,
    )
    _tell(account, recovery, added=True, act=act)


def _count(account_id: UUID, act: Act) -> None:
    record("recovery_address.code_wrong", account_id=account_id, act=act)
    try:
        spend("recovery_address.code", key=str(account_id), now=act.now)
    except Exhausted:
        # This try was made before the last allowed one was counted; the next one is refused.
        return


def _waiting(account_id: UUID, which: int | None) -> RecoveryAddress:
    rows = [row for row in waiting_for_code(account_id) if which in {None, row.pk}]
    if not rows:
        raise NothingToProve
    return rows[0]


def _send(account: Account, recovery: RecoveryAddress, *, act: Act) -> None:
    recovery.sent += 1
    code = recovery.code.issue(until=act.now + CODE_LIFETIME)
    recovery.save(update_fields=["sent", "code_digest", "code_expires_at"])
    mail = letter(
        account,
        "accounts/mail/recovery_code",
        to=recovery.address,
        facts={"which": "" if recovery.at_creation else recovery.pk},
        secrets={"code": code},
        unproven=True,
        expires_at=recovery.code_expires_at,
        act=act,
    )
    enqueue_all([mail])
