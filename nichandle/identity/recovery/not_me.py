"""
« Ce n'était pas moi »: the owner disowns an act, and the account is made safe.

Made so that it is no weapon: one effect for an account in 24 hours, through an address that was the
account's before the act, and nothing is lost by it that the owner cannot have back at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.contest import may_contest
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.operations import set_password
from nichandle.identity.accounts.queries import lock_account, profile
from nichandle.identity.notme import operations as notme
from nichandle.identity.notme import queries as links_of
from nichandle.identity.notme.models import NotMeLink
from nichandle.identity.notme.signals import disowned
from nichandle.identity.recovery.models import PasswordHold, PasswordReset
from nichandle.identity.recovery.queries import disowned_by
from nichandle.identity.signin.sessions.ending import end_since
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import MANGLED, LinkRefused, link_over
from nichandle.platform.kernel.wording.figures import Duration, with_figures

ONE_EFFECT_IN = timedelta(hours=24)
LINK_LIFETIME = timedelta(hours=1)


class NotMeLinkNotValid(LinkRefused):
    code = "not_me.link_not_valid"
    message = with_figures(
        _("This link was used already, or is older than %(time)s."),
        time=Duration(notme.LIFETIME, "than"),
    )
    sentences: ClassVar = {
        "unknown": MANGLED,
        "used": _("This link was used already: the account was made safe with it."),
        "expired": link_over(notme.LIFETIME),
        "address": _("This link was mailed to an address that is no longer the account's."),
    }


@dataclass(frozen=True, slots=True)
class Secured:
    """
    What came of it: ``secret`` opens the page of the new password.

    None when the account had been made safe within the last 24 hours already.
    """

    secret: str | None


@transaction.atomic
def disown(*, secret: str, act: Act) -> Secured:
    """
    Use a "not me" link: sessions end, the password is void, what came since is ended or held.

    :raises NotMeLinkNotValid: when the link is unknown, used or too old, or its address given up
    """
    found = links_of.found(secret)
    if found is None:
        raise NotMeLinkNotValid("unknown")
    # The account before the link, as everywhere: else two who hold one of them wait for ever.
    account = lock_account(found.account_id)
    link, why = disowned_by(secret, now=act.now)
    if link is None or why or notme.use(secret, now=act.now) is None:
        raise NotMeLinkNotValid(why)
    if _made_safe_lately(account.pk, act.now):
        return Secured(None)
    end_since(account_id=account.pk, since=link.event_at)
    set_password(account_id=account.pk, encoded="", length_class="")
    minted = tokens.mint()
    _only_through(link, digest=minted.digest, primary=account.email, now=act.now)
    # Told first: rooms lock what they hold before anybody's ledger is locked.
    disowned.send(sender=NotMeLink, account_id=account.pk, since=link.event_at, act=act)
    record("account.disowned", account_id=account.pk, act=act, event=link.event)
    write(account, "recovery/mail/secured", act=act)
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


def forget_given_up(account_ids: Collection[UUID], *, now: datetime) -> None:
    """
    Forget what was said through an address that the account has given up.

    The next password no longer comes through it, and the 24 hours it began count against nobody.
    """
    for hold in PasswordHold.objects.filter(account_id__in=account_ids).order_by("pk"):
        if not may_contest(profile(hold.account_id), hold.address, now=now):
            hold.delete()
