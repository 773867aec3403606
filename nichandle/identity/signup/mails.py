"""The mails of a creation: the code, the word to a known address, the confirmation."""

from datetime import datetime
from uuid import UUID

from nichandle.identity.signup.models import Creation
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.operations import enqueue


def code(creation: Creation, *, code: str, minutes: int, origin: Origin, now: datetime) -> None:
    """The code that proves the address."""
    enqueue(
        template="signup/mail/code",
        to=creation.address,
        language=creation.language,
        account_id=None,
        handle="",
        context={"minutes": minutes},
        secrets={"code": code},
        origin=origin,
        now=now,
        expires_at=creation.code_expires_at,
    )


def known_address(
    creation: Creation,
    *,
    account_id: UUID,
    handle: str,
    language: str,
    origin: Origin,
    now: datetime,
) -> None:
    """What the owner of a known address gets in place of a code."""
    enqueue(
        template="signup/mail/known_address",
        to=creation.address,
        language=language,
        account_id=account_id,
        handle=handle,
        context={},
        secrets={},
        origin=origin,
        now=now,
        expires_at=None,
    )


def welcome(
    *,
    account_id: UUID,
    handle: str,
    address: str,
    language: str,
    name: str,
    origin: Origin,
    now: datetime,
) -> None:
    """The confirmation that states the identifier, and never the password."""
    enqueue(
        template="signup/mail/welcome",
        to=address,
        language=language,
        account_id=account_id,
        handle=handle,
        context={"name": name, "address": address},
        secrets={},
        origin=origin,
        now=now,
        expires_at=None,
    )
