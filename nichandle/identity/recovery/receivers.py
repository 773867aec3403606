"""What this room does when another tells something."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.queries import profile
from nichandle.identity.cases.operations import open_claim
from nichandle.identity.cases.queries import running_of
from nichandle.identity.cases.signals import effected
from nichandle.identity.emailchange.signals import changed, contested
from nichandle.identity.pauses.operations import hold
from nichandle.identity.recovery import links
from nichandle.identity.recovery.models import PasswordHold, PasswordReset
from nichandle.identity.signin.signals import password_changed
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act

GIVEN_BACK_FOR = timedelta(hours=24)
"""The link comes at an hour that nobody chose; afterwards « lost password » mails another."""


@receiver(changed)
def void_what_was_mailed(*, account_ids: Collection[UUID], act: Act, **_signal: Any) -> None:
    """The address is another: links mailed before are void."""
    links.void_all(account_ids, now=act.now)


@receiver(password_changed)
def void_what_was_asked_before(*, account_id: UUID, act: Act, **_signal: Any) -> None:
    """
    Whoever changed the password expects that it stands: no link mailed before sets another.

    A thief who knows the password gains nothing by it: every address has just been told, with a
    "not me" link that sets a password.
    """
    links.end_links(account_id, now=act.now)


@receiver(effected)
def give_back(*, account_id: UUID, act: Act, **_signal: Any) -> None:
    """Void every link there was, and mail the one that sets a password to the new address."""
    links.void_all([account_id], now=act.now)
    # What the old addresses said does not bind the new one, which may need to say it at once.
    PasswordHold.objects.filter(account_id=account_id).delete()
    account, minted, until = profile(account_id), tokens.mint(), act.now + GIVEN_BACK_FOR
    PasswordReset.objects.create(
        account=account,
        digest=minted.digest,
        address=account.email,
        created_at=act.now,
        expires_at=until,
    )
    write(
        account,
        "recovery/mail/given_back",
        to=[account.email],
        secrets={"secret": minted.secret},
        expires_at=until,
        act=act,
    )


@receiver(contested)
def look_into_contested(
    *, account_id: UUID, address: str, proven_at: datetime, act: Act, **_signal: Any
) -> None:
    """
    An undo by the old mailbox alone pauses until somebody has looked into it.

    The case can give the account back to that mailbox, where its reviewers find it the owner's.
    """
    key = addresses.key(address)
    running = [one for one in running_of(account_id) if one.kind == "change_undone"]
    case = next((one for one in running if one.new_key == key), None) or open_claim(
        profile(account_id),
        "change_undone",
        address=address,
        proven_at=proven_at,
        act=act,
    )
    hold(account_id=account_id, cause="change_undone", number=case.number, now=act.now)
