"""Changing one's password: the present one proves who asks, every other session ends."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.accounts import credentials, passwords
from nichandle.accounts.operations import set_password
from nichandle.accounts.queries import profile
from nichandle.audit.operations import record
from nichandle.kernel import tokens
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.limits.operations import check, spend
from nichandle.signin import mails
from nichandle.signin.models import KnownBrowser, Session
from nichandle.signin.operations import end_all


class CurrentPasswordWrong(Refused):
    code = "password.current_wrong"
    message = _("This is not your present password. Check it and try again.")
    field = "current"
    counted = True


class PasswordUnchanged(Refused):
    code = "password.unchanged"
    message = _("This is the password you have already. Choose another.")
    field = "password"


def change_password(
    *, account_id: UUID, current: str, new: str, key: str, origin: Origin, now: datetime
) -> None:
    """
    Change the password of somebody signed in; ``key`` is the session that stays open.

    All other sessions end, other browsers are no longer known, every address of the account is
    told (ASVS 5.0, 6.2.3 and 7.4.3).

    :raises CurrentPasswordWrong: counted
    :raises PasswordUnchanged: when the new one is the present one
    :raises Exhausted: after too many wrong ones
    :raises Refused: when the rules refuse the new one
    """
    check(("password.change", str(account_id)), now=now)
    found = credentials.by_id(account_id)
    if not passwords.verify(current, found.password):
        spend("password.change", key=str(account_id), now=now)
        raise CurrentPasswordWrong
    if passwords.normalise(current) == passwords.normalise(new):
        raise PasswordUnchanged
    encoded, length_class = accepted(new, account_id=account_id)
    with transaction.atomic():
        if not credentials.hold(found):
            # Changed in another tab meanwhile: what was typed as present no longer is.
            raise CurrentPasswordWrong
        set_password(account_id=account_id, encoded=encoded, length_class=length_class)
        _end_others(account_id, key)
        record("password.changed", account_id=account_id, origin=origin, now=now)
        mails.password_changed(account_id, origin=origin, now=now)


def accepted(password: str, *, account_id: UUID) -> tuple[str, str]:
    """
    Check a new password against the rules and the account's own data; return hash and length class.

    :raises Refused: when the rules refuse it
    """
    account = profile(account_id)
    handle = account.handle.text if account.handle else ""
    own = [account.email, account.given_name, account.family_name, account.organisation, handle]
    passwords.check(password, own=own)
    return passwords.hash_password(password)


def replace_password(
    *, account_id: UUID, encoded: str, length_class: str, origin: Origin, now: datetime
) -> None:
    """
    Store a password set by other proof than the old one: every session ends, all are told.

    Call it inside the transaction that holds the proof.
    """
    set_password(account_id=account_id, encoded=encoded, length_class=length_class)
    end_all(account_id=account_id)
    mails.password_changed(account_id, origin=origin, now=now)


def _end_others(account_id: UUID, key: str) -> None:
    Session.objects.filter(account_id=account_id).exclude(key_digest=tokens.digest(key)).delete()
    KnownBrowser.objects.filter(account_id=account_id).delete()
