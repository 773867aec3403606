"""
The links that set a new password: to whom they go, and who may stop them.

Usually the primary address. The established recovery addresses when the person asks for that: then
the primary address gets a link that stops it, for whoever reads it still. After "it was not me",
until its case is decided, those that were established before what was disowned, and nobody stops
it: whichever mailbox a thief reads, the owner sets a password through another.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.contest import may_set_password
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_account, recovery_addresses
from nichandle.identity.recovery.models import PasswordHold, PasswordReset, ResetStop
from nichandle.identity.recovery.queries import contest_of, stop_link_of, why_no_stop
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import MANGLED, LinkRefused
from nichandle.platform.kernel.wording.figures import Duration, with_figures
from nichandle.platform.limits.catalogue import LimitName
from nichandle.platform.limits.operations import reset, spend

LINK_LIFETIME = timedelta(hours=1)
STOPPED_FOR = timedelta(hours=24)
HELD_FOR = timedelta(days=7)
"""So long after "it was not me" an address that was young at the event sets no password."""

LIMITS: dict[bool, LimitName] = {False: "recovery.account", True: "recovery.elsewhere"}
"""By whether a link goes to recovery addresses."""


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
        "contested": _(
            "Too late to stop it: somebody said “it was not me” about this account, and until that "
            "is decided no address stops another."
        ),
        "late": _("Too late to stop it: the password was changed through a recovery address."),
    }


def send(account: Account, by_recovery: bool, *, act: Act) -> None:
    """
    Mail new links; the caller holds the account's row.

    Older ones stay good for their hour: anybody may ask, and would void the one its owner is about
    to use. For the same reason links to recovery addresses have an allowance of their own.

    :raises Exhausted: after several in an hour; what goes nowhere spends nothing of the owner's
    """
    contest = contest_of(account.pk)
    to = _recovery(account, contest, act.now) if by_recovery else [account.email]
    stoppable = by_recovery and contest is None
    if not to or (stoppable and _stopped(account.pk, act.now)):
        return
    spend(LIMITS[by_recovery], key=str(account.pk), now=act.now)
    for address in to:
        _mail_link(account, address, act=act)
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


def begin_anew(account_id: UUID, *, now: datetime) -> None:
    """
    Void an account's outstanding links, and let new ones be asked for at once.

    Whoever asked for many before has spent the allowance of who is to have the next one.
    """
    end_links(account_id, now=now)
    for limit in LIMITS.values():
        reset(limit, key=str(account_id))


def go_on(used: PasswordReset, *, now: datetime) -> None:
    """
    Void the other links of one address, while an event is contested; those of others stay.

    Whoever reads one mailbox could else void the other's links for ever, by setting one password
    after another. Each may set a few a day, so that the last one is not whoever has a script.

    :raises Exhausted: after several passwords of this address
    """
    key = addresses.key(used.address)
    spend("recovery.contested", key=f"{used.account_id} {key}", now=now)
    outstanding = PasswordReset.objects.filter(account_id=used.account_id, ended_at=None)
    same = [link.pk for link in outstanding if addresses.key(link.address) == key]
    outstanding.filter(pk__in=same).update(ended_at=now)
    reset(LIMITS[used.by_recovery], key=str(used.account_id))


def void_all(account_ids: Collection[UUID], *, now: datetime) -> None:
    """
    Void every outstanding link of accounts whose address is another now, and what stops them.

    What the address before has stopped is stopped no longer.
    """
    PasswordReset.objects.filter(account_id__in=account_ids, ended_at=None).update(ended_at=now)
    stops = ResetStop.objects.filter(account_id__in=account_ids)
    stops.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    stops.filter(used_at__gt=now - STOPPED_FOR).delete()


def make(account: Account, address: str, *, now: datetime) -> str:
    """Make a link for somebody who reads an address of the account; return its secret."""
    minted = tokens.mint()
    PasswordReset.objects.create(
        account=account,
        digest=minted.digest,
        address=address,
        by_recovery=addresses.key(address) != account.email_key,
        created_at=now,
        expires_at=now + LINK_LIFETIME,
    )
    return minted.secret


def _mail_link(account: Account, address: str, *, act: Act) -> None:
    secret = make(account, address, now=act.now)
    write(
        account,
        "recovery/mail/reset_link",
        to=[address],
        secrets={"secret": secret},
        expires_at=act.now + LINK_LIFETIME,
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


def _recovery(account: Account, contest: PasswordHold | None, now: datetime) -> list[str]:
    """Return the recovery addresses that links go to: the established ones, or those of before."""
    if contest is not None and now < contest.disowned_at + HELD_FOR:
        return may_set_password(account, since=contest.since, now=now)[1:]
    return [row.address for row in recovery_addresses(account.pk) if row.established(now)]


def _stopped(account_id: UUID, now: datetime) -> bool:
    stops = ResetStop.objects.filter(account_id=account_id, used_at__gt=now - STOPPED_FOR)
    return stops.exists()
