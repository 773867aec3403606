"""Signing in again: a sensitive act asks somebody signed in already for a proof of who they are."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import credentials, passwords
from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.factors import operations as factors
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.operations import KeyCloned
from nichandle.identity.factors.queries import has_factor
from nichandle.identity.signin.authentication import guesses
from nichandle.identity.signin.authentication.second_step import (
    tell_cloned,
    tell_code_used,
    tell_moved,
)
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import locked, run_together
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.operations import left, spending


@dataclass(frozen=True, slots=True)
class Renewed:
    """The key a session goes on under; ``expires_at`` when it outlives the browser's window."""

    key: str
    expires_at: datetime | None


class PasswordWrong(Refused):
    code = "signin.again_wrong"
    message = _("This is not your password. Check it and try again.")
    field = "password"
    counted = True


class FactorNeeded(Refused):
    code = "signin.again_factor_needed"
    message = _("Confirm with your second factor too.")


class FactorNotRight(Refused):
    code = "signin.again_factor_wrong"
    message = _("This was not right. Tries left: %(left)s. Try again, or use another method.")
    field = "code"
    counted = True


def with_password(*, account_id: UUID, key: str, password: str, act: Act) -> Renewed:
    """
    Make a session fresh again by the password of an account without factors.

    It goes on under another key.

    :raises PasswordWrong: counted
    :raises FactorNeeded: when the account has a factor: the password alone is half a sign-in
    :raises PasswordGuessed: after a hundred wrong ones in a row
    :raises Exhausted: after too many wrong ones
    """
    if has_factor(account_id):
        raise FactorNeeded
    _password_right(account_id, password, act)
    return renew(account_id=account_id, key=key, act=act)


def with_both(*, account_id: UUID, key: str, password: str, answer: Answer, act: Act) -> Renewed:
    """
    Make a session fresh again by the password and a factor: all that signing in asks for.

    :raises PasswordWrong: counted
    :raises FactorNotRight: counted
    :raises KeyTooLate: when the question to the key is too old
    :raises KeyCloned: counted; the owner is told
    :raises PasswordGuessed, AppClosed: after a hundred wrong ones in a row
    :raises Exhausted: after too many wrong ones
    """
    _password_right(account_id, password, act)
    return _with_factor(account_id, key, answer, act, verified=False)


def with_passkey(*, account_id: UUID, key: str, answer: Answer, act: Act) -> Renewed:
    """
    Make a session fresh again by a key that has made sure of its owner: both steps in one.

    :raises FactorNotRight: counted; also for a key that has not
    :raises KeyTooLate: when the question to the key is too old
    :raises KeyCloned: counted; the owner is told
    :raises Exhausted: after too many wrong ones
    """
    return _with_factor(account_id, key, answer, act, verified=True)


def _password_right(account_id: UUID, password: str, act: Act) -> None:
    guessed = guesses.of_password(account_id)
    guesses.check(("signin.again", str(account_id)), *guessed, now=act.now)
    if not passwords.verify(password, credentials.by_id(account_id).password):
        _count_wrong(account_id, guessed, act)
        raise PasswordWrong
    guesses.forget(guessed)


def _with_factor(
    account_id: UUID, key: str, answer: Answer, act: Act, *, verified: bool
) -> Renewed:
    with counting():
        lock_account(account_id)
        guessed = guesses.of_app(answer, guesses.signed_in(account_id))
        guesses.check(("signin.again", str(account_id)), *guessed, now=act.now)
        try:
            purpose = purpose_of(key)
            proof = factors.prove(
                account_id, answer, purpose=purpose, verified=verified, now=act.now
            )
        except KeyCloned as cloned:
            tell_cloned(cloned, Visit(act.origin, act.now))
            _count_wrong(account_id, guessed, act)
            raise
        if proof is None:
            _count_wrong(account_id, guessed, act)
            raise FactorNotRight(left=left("signin.again", key=str(account_id), now=act.now))
        guesses.forget(guessed)
        tell_moved(account_id, proof, act=act)
        if proof.method == "code":
            tell_code_used(account_id, act=act)
        return renew(account_id=account_id, key=key, act=act)


@transaction.atomic
def _count_wrong(account_id: UUID, guessed: list[guesses.Wanted], act: Act) -> None:
    counted = [spending("signin.again", key=str(account_id), now=act.now)]
    run_together([*counted, *guesses.counting(guessed, now=act.now)])
    record("signin.again_wrong", account_id=account_id, act=act)


def purpose_of(key: str) -> str:
    """Return what a key is asked for: its answer makes one session fresh and no other."""
    return f"again {tokens.digest(key)}"


@transaction.atomic
def renew(*, account_id: UUID, key: str, act: Act) -> Renewed:
    """
    Make a session fresh; the caller has just seen a proof of who uses it.

    It goes on under a new key, and the one before is worth nothing (ASVS 5.0, 7.2.4).
    """
    new = secrets.token_urlsafe(32)
    rows = Session.objects.filter(account_id=account_id, key_digest=tokens.digest(key))
    row = locked(rows).first()
    if row is None:
        # Ended in another tab meanwhile: there is nothing to make fresh.
        return Renewed(key, expires_at=None)
    row.fresh_at, row.key_digest, row.former_digest = act.now, tokens.digest(new), row.key_digest
    row.save(update_fields=["fresh_at", "key_digest", "former_digest"])
    record("signin.renewed", account_id=account_id, act=act)
    return Renewed(new, row.expires_at if row.stays else None)
