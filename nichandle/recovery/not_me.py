"""
« Ce n'était pas moi »: the owner disowns an act, and the account is made safe.

Made so that it is no weapon: one effect for an account in 24 hours, through an address that was the
account's before the act, and nothing is lost by it that the owner cannot have back at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.accounts.operations import set_password
from nichandle.accounts.queries import held, known_addresses
from nichandle.audit.operations import record
from nichandle.kernel import tokens
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.notme import operations as notme
from nichandle.notme.models import NotMeLink
from nichandle.notme.signals import disowned
from nichandle.recovery import mails
from nichandle.recovery.models import PasswordHold, PasswordReset
from nichandle.signin.operations import end_since

ONE_EFFECT_IN = timedelta(hours=24)
LINK_LIFETIME = timedelta(hours=1)


class NotMeLinkNotValid(Refused):
    code = "not_me.link_not_valid"
    message = _("This link was used already, or is older than 7 days.")
    status = 410


@dataclass(frozen=True, slots=True)
class Secured:
    """
    What came of it: ``secret`` opens the page of the new password.

    None when the account had been made safe within the last 24 hours already.
    """

    secret: str | None


@transaction.atomic
def disown(*, secret: str, origin: Origin, now: datetime) -> Secured:
    """
    Use a "not me" link: sessions end, the password is void, what came since is ended or held.

    :raises NotMeLinkNotValid: when the link is unknown, used or too old
    """
    link = notme.use(secret, now=now)
    if link is None:
        raise NotMeLinkNotValid
    account = held(link.account_id)
    if _made_safe_lately(account.pk, now):
        return Secured(None)
    end_since(account_id=account.pk, since=link.event_at)
    set_password(account_id=account.pk, encoded="", length_class="")
    minted = tokens.mint()
    _only_through(link, digest=minted.digest, primary=account.email, now=now)
    # Told first: rooms lock what they hold before anybody's ledger is locked.
    disowned.send(
        sender=NotMeLink, account_id=account.pk, since=link.event_at, origin=origin, now=now
    )
    record("account.disowned", account_id=account.pk, origin=origin, now=now, event=link.event)
    mails.secured(account, to=known_addresses(account, now=now), origin=origin, now=now)
    return Secured(minted.secret)


def _made_safe_lately(account_id: UUID, now: datetime) -> bool:
    holds = PasswordHold.objects.filter(account_id=account_id)
    return holds.filter(disowned_at__gt=now - ONE_EFFECT_IN).exists()


def _only_through(link: NotMeLink, *, digest: str, primary: str, now: datetime) -> None:
    """Let the next password come through the link's address alone, beginning with this reset."""
    PasswordReset.objects.filter(account_id=link.account_id, ended_at=None).update(ended_at=now)
    PasswordReset.objects.create(
        account_id=link.account_id,
        digest=digest,
        address=link.address,
        by_recovery=link.address != primary,
        created_at=now,
        expires_at=now + LINK_LIFETIME,
    )
    PasswordHold.objects.update_or_create(
        account_id=link.account_id,
        defaults={
            "address": link.address,
            "since": link.event_at,
            "disowned_at": now,
            "ended_at": None,
        },
    )
