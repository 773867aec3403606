"""Signing in again: a sensitive act asks somebody signed in already for a proof of who they are."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.accounts import credentials, passwords
from nichandle.accounts.queries import held
from nichandle.audit.operations import record
from nichandle.factors import operations as factors
from nichandle.factors.answers import Answer
from nichandle.factors.operations import KeyCloned
from nichandle.kernel import tokens
from nichandle.kernel.database import run_together
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.limits.operations import check, spend, spending
from nichandle.signin.models import Session
from nichandle.signin.operations import Visit
from nichandle.signin.second_step import tell_cloned


class PasswordWrong(Refused):
    code = "signin.again_wrong"
    message = _("This is not your password. Check it and try again.")
    field = "password"
    counted = True


def with_password(
    *, account_id: UUID, key: str, password: str, origin: Origin, now: datetime
) -> None:
    """
    Make a session fresh again by the account's password.

    :raises PasswordWrong: counted
    :raises Exhausted: after too many wrong ones
    """
    check(("signin.again", str(account_id)), now=now)
    found = credentials.by_id(account_id)
    if not passwords.verify(password, found.password):
        spend("signin.again", key=str(account_id), now=now)
        raise PasswordWrong
    renew(account_id=account_id, key=key, origin=origin, now=now)


class FactorNotRight(Refused):
    code = "signin.again_factor_wrong"
    message = _("This was not right. Try again, or use another method.")
    field = "code"
    counted = True


def with_factor(
    *, account_id: UUID, key: str, answer: Answer, origin: Origin, now: datetime
) -> None:
    """
    Make a session fresh again by an app's code, or a key that has made sure of its owner.

    :raises FactorNotRight: counted
    :raises KeyTooLate: when the question to the key is too old
    :raises KeyCloned: counted; the owner is told
    :raises Exhausted: after too many wrong ones
    """
    refusal: Refused = FactorNotRight()
    with transaction.atomic():
        held(account_id)
        check(("signin.again", str(account_id)), now=now)
        try:
            purpose = purpose_of(key)
            proof = factors.prove(account_id, answer, purpose=purpose, verified=True, now=now)
        except KeyCloned as cloned:
            proof, refusal = None, cloned
            tell_cloned(cloned, Visit(origin, now))
        if proof is not None:
            renew(account_id=account_id, key=key, origin=origin, now=now)
            return
        run_together([spending("signin.again", key=str(account_id), now=now)])
    raise refusal


def purpose_of(key: str) -> str:
    """Return what a key is asked for: its answer makes one session fresh and no other."""
    return f"again {tokens.digest(key)}"


@transaction.atomic
def renew(*, account_id: UUID, key: str, origin: Origin, now: datetime) -> None:
    """Make a session fresh; the caller has just seen a proof of who uses it."""
    Session.objects.filter(account_id=account_id, key_digest=tokens.digest(key)).update(
        fresh_at=now
    )
    record("signin.renewed", account_id=account_id, origin=origin, now=now)
