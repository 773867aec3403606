"""Recovery addresses: added, proven by their own code, told of."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.accounts import mails
from nichandle.accounts.models import Account, RecoveryAddress
from nichandle.accounts.queries import known_addresses
from nichandle.audit.operations import record
from nichandle.kernel import addresses, tokens
from nichandle.kernel.database import locked
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.limits.errors import Exhausted
from nichandle.limits.operations import check, spend

CODE_LIFETIME = timedelta(hours=24)
"""The longest that NIST SP 800-63B-4 section 4.2.1.2 allows for a code sent by mail."""
AT_CREATION_FOR = timedelta(hours=24)


class SameAsPrimary(Refused):
    code = "recovery_address.same_as_primary"
    message = _("Give another address than the one above: both lost at once would help nobody.")
    field = "recovery_address"


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


def add_at_creation(account: Account, *, address: str, origin: Origin, now: datetime) -> None:
    """
    Add the address given while the account is opened, and mail it its code.

    :raises SameAsPrimary: when it is the primary address
    :raises MailedOften: after too many mails to it, whoever had them sent
    """
    key = addresses.key(address)
    if key == account.email_key:
        raise SameAsPrimary
    try:
        spend("recovery_address.mail", key=key, now=now)
    except Exhausted as spent:
        raise MailedOften from spent
    recovery = RecoveryAddress.objects.create(
        account=account, address=address, address_key=key, at_creation=True, added_at=now
    )
    record("recovery_address.added", account_id=account.pk, origin=origin, now=now, address=address)
    _send(account, recovery, origin=origin, now=now)


def send_again(*, account_id: UUID, origin: Origin, now: datetime) -> None:
    """
    Mail a new code to the recovery address that waits for one; the code before is void.

    :raises NothingToProve: when none waits
    :raises Exhausted: after too many mails to that address
    """
    waiting = _waiting(account_id)
    spend("recovery_address.mail", key=waiting.address_key, now=now)
    with transaction.atomic():
        account = locked(Account.objects.filter(pk=account_id)).select_related("handle").get()
        _send(account, _waiting(account_id), origin=origin, now=now)


def prove(*, account_id: UUID, code: str, origin: Origin, now: datetime) -> None:
    """
    Prove the recovery address that waits, with the code mailed to it.

    :raises NothingToProve: when none waits
    :raises RecoveryCodeWrong: counted
    :raises RecoveryCodeExpired: when the code is too old
    :raises Exhausted: after ten wrong codes in a day
    """
    check(("recovery_address.code", str(account_id)), now=now)
    with transaction.atomic():
        account = locked(Account.objects.filter(pk=account_id)).select_related("handle").get()
        recovery = _waiting(account_id)
        if recovery.code_expires_at is None or now >= recovery.code_expires_at:
            raise RecoveryCodeExpired
        if _fits(recovery, code):
            _prove(account, recovery, origin=origin, now=now)
            return
        _count(account_id, origin, now)
    raise RecoveryCodeWrong


def _prove(account: Account, recovery: RecoveryAddress, *, origin: Origin, now: datetime) -> None:
    recovery.proven_at, recovery.code_digest = now, ""
    # An address proven long after the creation is as young as any other.
    recovery.at_creation = recovery.at_creation and now - recovery.added_at < AT_CREATION_FOR
    recovery.save(update_fields=["proven_at", "code_digest", "at_creation"])
    record(
        "recovery_address.proven",
        account_id=account.pk,
        origin=origin,
        now=now,
        address=recovery.address,
    )
    mails.recovery_proven(
        account, recovery, to=known_addresses(account, now=now), origin=origin, now=now
    )


def _count(account_id: UUID, origin: Origin, now: datetime) -> None:
    record("recovery_address.code_wrong", account_id=account_id, origin=origin, now=now)
    try:
        spend("recovery_address.code", key=str(account_id), now=now)
    except Exhausted:
        # This try was made before the last allowed one was counted; the next one is refused.
        return


def _waiting(account_id: UUID) -> RecoveryAddress:
    rows = RecoveryAddress.objects.filter(account_id=account_id, removed_at=None, proven_at=None)
    found = rows.order_by("-added_at", "-pk").first()
    if found is None:
        raise NothingToProve
    return found


def _send(account: Account, recovery: RecoveryAddress, *, origin: Origin, now: datetime) -> None:
    code = tokens.mint_code()
    recovery.sent += 1
    recovery.code_digest = tokens.code_digest(code, _purpose(recovery))
    recovery.code_expires_at = now + CODE_LIFETIME
    recovery.save(update_fields=["sent", "code_digest", "code_expires_at"])
    mails.recovery_code(account, recovery, code=code, origin=origin, now=now)


def _fits(recovery: RecoveryAddress, code: str) -> bool:
    typed = tokens.normalise_code(code)
    if typed is None or not recovery.code_digest:
        return False
    return tokens.same(tokens.code_digest(typed, _purpose(recovery)), recovery.code_digest)


def _purpose(recovery: RecoveryAddress) -> str:
    return f"recovery address {recovery.pk} {recovery.sent}"
