"""
The links that set a new password: to whom they go, and who may stop them.

Usually the primary address. The established recovery addresses when the person asks for that: then
the primary address gets a link that stops it, for whoever reads it still. After "it was not me"
only the address that said so.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.contest import may_contest
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_account, recovery_addresses
from nichandle.identity.recovery.models import PasswordHold, PasswordReset, ResetStop
from nichandle.identity.recovery.queries import stop_link_of, why_no_stop
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import MANGLED, LinkRefused
from nichandle.platform.kernel.wording.figures import Duration, with_figures
from nichandle.platform.limits.operations import spend

LINK_LIFETIME = timedelta(hours=1)
STOPPED_FOR = timedelta(hours=24)


class StopLinkNotValid(LinkRefused):
    code = "recovery.stop_link_not_valid"
    message = _("This link was used already, or the request it would stop is over.")
    sentences: ClassVar = {
        "unknown": MANGLED,
        "used": _("The request was stopped with this link already."),
        "expired": with_figures(
            _("The request that this link would stop is over: its links were good for %(time)s."),
            time=Duration(LINK_LIFETIME, in_words=True),
        ),
        "late": _("Too late to stop it: the password was changed through a recovery address."),
    }


def send(account: Account, by_recovery: bool, *, act: Act) -> None:
    """
    Mail new links and void the older ones; the caller holds the account's row.

    :raises Exhausted: after several in an hour; what goes nowhere spends nothing of the owner's
    """
    hold = PasswordHold.objects.filter(account=account, ended_at=None).first()
    if hold is not None and not may_contest(account, hold.address, now=act.now):
        hold = None
    # A passkey from before lets its owner in, who may have set a password without any link.
    contested = hold is not None and not account.password
    if hold is not None and contested:
        to, by_recovery = [hold.address], hold.address != account.email
    elif by_recovery:
        to = _established(account, act.now)
    else:
        to = [account.email]
    # Who said "it was not me" elsewhere may have lost the primary mailbox: it stops nothing then.
    stoppable = by_recovery and not contested
    if not to or (stoppable and _stopped(account.pk, act.now)):
        return
    spend("recovery.account", key=str(account.pk), now=act.now)
    end_links(account.pk, now=act.now)
    for address in to:
        _mail_link(account, address, by_recovery, act=act)
    if stoppable:
        _mail_stop(account, to, act=act)
    record(
        "password.reset_asked",
        account_id=account.pk,
        act=act,
        by_recovery=by_recovery,
    )


@transaction.atomic
def stop(*, secret: str, act: Act) -> None:
    """
    Stop the reset through recovery addresses, and any other such for a day.

    :raises StopLinkNotValid: when the link is unknown, used, too old, or what it would stop has
        set a password already
    """
    found = stop_link_of(secret)
    if found is None:
        raise StopLinkNotValid("unknown")
    # The account before the links, as everywhere.
    lock_account(found.account_id)
    stop_link = locked(ResetStop.objects.filter(pk=found.pk)).get()
    why = why_no_stop(stop_link, now=act.now)
    if why:
        raise StopLinkNotValid(why)
    stop_link.used_at = act.now
    stop_link.save(update_fields=["used_at"])
    end_links(stop_link.account_id, now=act.now, by_recovery=True)
    record("password.reset_stopped", account_id=stop_link.account_id, act=act)


def end_links(account_id: UUID, *, now: datetime, by_recovery: bool | None = None) -> None:
    """Void an account's outstanding links, or only those of one kind."""
    rows = PasswordReset.objects.filter(account_id=account_id, ended_at=None)
    if by_recovery is not None:
        rows = rows.filter(by_recovery=by_recovery)
    rows.update(ended_at=now)


def void_all(account_ids: Collection[UUID], *, now: datetime) -> None:
    """
    Void every outstanding link of accounts whose address is another now, and what stops them.

    What the address before has stopped is stopped no longer.
    """
    PasswordReset.objects.filter(account_id__in=account_ids, ended_at=None).update(ended_at=now)
    stops = ResetStop.objects.filter(account_id__in=account_ids)
    stops.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    stops.filter(used_at__gt=now - STOPPED_FOR).delete()


def _mail_link(account: Account, address: str, by_recovery: bool, *, act: Act) -> None:
    minted, expires_at = tokens.mint(), act.now + LINK_LIFETIME
    PasswordReset.objects.create(
        account=account,
        digest=minted.digest,
        address=address,
        by_recovery=by_recovery,
        created_at=act.now,
        expires_at=expires_at,
    )
    write(
        account,
        "recovery/mail/reset_link",
        to=[address],
        secrets={"secret": minted.secret},
        expires_at=expires_at,
        act=act,
    )


def _mail_stop(account: Account, sent_to: list[str], *, act: Act) -> None:
    """Tell the primary address that links went elsewhere, with the link that stops them."""
    minted, expires_at = tokens.mint(), act.now + LINK_LIFETIME
    ResetStop.objects.create(
        account=account, digest=minted.digest, created_at=act.now, expires_at=expires_at
    )
    write(
        account,
        "recovery/mail/reset_by_recovery",
        to=[account.email],
        facts={"addresses": sent_to},
        secrets={"secret": minted.secret},
        expires_at=expires_at,
        act=act,
    )


def _established(account: Account, now: datetime) -> list[str]:
    return [row.address for row in recovery_addresses(account.pk) if row.established(now)]


def _stopped(account_id: UUID, now: datetime) -> bool:
    stops = ResetStop.objects.filter(account_id=account_id, used_at__gt=now - STOPPED_FOR)
    return stops.exists()
