"""Changing one's password: the present one proves who asks, every other session ends."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import credentials, passwords
from nichandle.identity.accounts.credentials import Credential
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.operations import set_password
from nichandle.identity.accounts.queries import former_hashes, lock_account, profile
from nichandle.identity.factors.operations import end_trust
from nichandle.identity.factors.queries import has_factor
from nichandle.identity.signin.authentication import guesses
from nichandle.identity.signin.recognition import browsers
from nichandle.identity.signin.sessions.ending import close_others, end_all
from nichandle.identity.signin.signals import password_changed
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import run_together
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.operations import spend, spending


class CurrentPasswordWrong(Refused):
    code = "password.current_wrong"
    message = _("This is not your present password. Check it and try again.")
    field = "current"
    counted = True


class PasswordUnchanged(Refused):
    code = "password.unchanged"
    message = _("This is the password you have already, or had before. Choose another.")
    field = "password"


def change_password(
    *,
    account_id: UUID,
    current: str,
    new: str,
    key: str,
    act: Act,
    browser: str | None = None,
) -> None:
    """
    Change the password of somebody signed in; ``key`` is the session that stays open.

    All other sessions end, other browsers than ``browser`` are no longer known and none is trusted,
    every address is told (ASVS 5.0, 6.2.3 and 7.4.3). Where the password was voided, there is no
    present one to ask for, and the caller has seen a fresh sign-in.

    :raises CurrentPasswordWrong: counted
    :raises PasswordGuessed: after a hundred wrong ones in a row
    :raises PasswordUnchanged: when the new one is the present one
    :raises Exhausted: after too many wrong ones
    :raises Refused: when the rules refuse the new one
    """
    found = _proven(account_id, current, act=act)
    if passwords.normalise(current) == passwords.normalise(new):
        raise PasswordUnchanged
    encoded, length_class = accepted(new, account_id=account_id, act=act)
    with transaction.atomic():
        if not credentials.lock_credential(found):
            # It was right a moment ago: nothing was guessed.
            raise CurrentPasswordWrong(counted=False)
        long_enough(account_id, length_class)
        set_password(account_id=account_id, encoded=encoded, length_class=length_class)
        close_others(account_id, key)
        browsers.forget(account_id, but=browser)
        end_trust(account_id)
        record("password.changed", account_id=account_id, act=act)
        password_changed.send(sender=Account, account_id=account_id, act=act)
        _tell_changed(profile(account_id), act=act)


def _proven(account_id: UUID, current: str, *, act: Act) -> Credential:
    guessed = guesses.of_password(account_id)
    guesses.check(("password.change", str(account_id)), *guessed, now=act.now)
    found = credentials.by_id(account_id)
    if found.password and not passwords.verify(current, found.password):
        _count_wrong(account_id, act=act)
        raise CurrentPasswordWrong
    guesses.forget(guessed)
    return found


@transaction.atomic
def _count_wrong(account_id: UUID, *, act: Act) -> None:
    counted = [spending("password.change", key=str(account_id), now=act.now)]
    run_together([*counted, *guesses.counting(guesses.of_password(account_id), now=act.now)])
    record("password.current_wrong", account_id=account_id, act=act)


def accepted(password: str, *, account_id: UUID, act: Act, alone: bool = False) -> tuple[str, str]:
    """
    Check a new password against the rules and the account's own data; return hash and length class.

    Beside a second factor 8 characters are enough; not when the password will stand ``alone``.

    :raises PasswordUnchanged: when it is the present one, or one that was made void
    :raises Exhausted: after too many new passwords from one network
    :raises Refused: when the rules refuse it
    """
    spend("password.judge", key=act.origin.network, now=act.now)
    account = profile(account_id)
    own = [account.email, account.given_name, account.family_name, account.organisation]
    own.append(account.handle_text)
    passwords.check(password, own=own, second_factor=not alone and has_factor(account_id))
    if any(passwords.verify(password, encoded) for encoded in former_hashes(account_id)):
        raise PasswordUnchanged
    return passwords.hash_password(password)


def long_enough(account_id: UUID, length_class: str) -> None:
    """
    Make sure, with the account's row locked, that a short password does not stand alone.

    :raises PasswordTooShort: when the last factor was removed while the password was being judged
    """
    if length_class == passwords.SHORT and not has_factor(account_id):
        raise passwords.PasswordTooShort(minimum=passwords.MINIMUM_LENGTH)


def replace_password(
    *, account_id: UUID, encoded: str, length_class: str, caused_by: str, act: Act
) -> None:
    """
    Store a password set by other proof than the old one: every session ends, all are told.

    Call it inside the transaction that holds the proof, which came through the address
    ``caused_by``: who reads that one is told, and may not contest it.

    :raises PasswordTooShort: when the last factor was removed while the password was being judged
    """
    account = lock_account(account_id)
    long_enough(account_id, length_class)
    set_password(account_id=account_id, encoded=encoded, length_class=length_class)
    guesses.forget(guesses.of_password(account_id))
    end_all(account_id=account_id)
    _tell_changed(account, caused_by=caused_by, act=act)


def _tell_changed(account: Account, *, caused_by: str = "", act: Act) -> None:
    template = "signin/mail/password_changed"
    write(account, template, event="password.changed", caused_by=caused_by, act=act)
