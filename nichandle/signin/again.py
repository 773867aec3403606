"""Signing in again: a sensitive act asks for the password of somebody signed in already."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.accounts import credentials, passwords
from nichandle.audit.operations import record
from nichandle.kernel import tokens
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.limits.operations import check, spend
from nichandle.signin.models import Session


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


@transaction.atomic
def renew(*, account_id: UUID, key: str, origin: Origin, now: datetime) -> None:
    """Make a session fresh; the caller has just seen a proof of who uses it."""
    Session.objects.filter(account_id=account_id, key_digest=tokens.digest(key)).update(
        fresh_at=now
    )
    record("signin.renewed", account_id=account_id, origin=origin, now=now)
