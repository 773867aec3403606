"""
« Ce n'était pas moi »: the owner disowns an act, and the account is made safe.

Made so that it is no weapon: no mailbox alone shuts another out. What one address says opens a
case, what others say adds to it, and until it is decided each of them, and the primary one, sets a
new password. Sensitive acts wait for the case. Nothing is lost that the owner cannot have back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.contest import may_set_password
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.operations import void_password
from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.cases.operations import add_fact, open_case
from nichandle.identity.notme import operations as notme
from nichandle.identity.notme import queries as links_of
from nichandle.identity.notme.models import NotMeLink
from nichandle.identity.notme.signals import disowned
from nichandle.identity.pauses import operations as pauses
from nichandle.identity.recovery import links
from nichandle.identity.recovery.models import PasswordHold
from nichandle.identity.recovery.queries import contest_of, disowned_by
from nichandle.identity.signin.sessions.ending import end_since
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import MANGLED, LinkRefused, link_over
from nichandle.platform.kernel.wording.figures import Duration, with_figures

ONE_EFFECT_IN = timedelta(hours=24)
"""An address that has said so says nothing new for so long, or it would end each new session."""


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
    What came of it: ``secret`` opens the page of the new password, empty where it may not.

    Without ``effect`` the link is as good as before: this address has said so already, under the
    case ``number``, ``at`` that time; ``void`` tells whether no password was set since.
    """

    number: str
    at: datetime
    secret: str = ""
    effect: bool = True
    void: bool = True


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
    if link is None or why:
        raise NotMeLinkNotValid(why)
    contest = contest_of(account.pk)
    if contest is not None and said_lately(contest, link, now=act.now):
        return _nothing_new(account, contest, link, act.now)
    notme.use(secret, now=act.now)
    end_since(account_id=account.pk, since=link.event_at)
    void_password(account_id=account.pk, now=act.now)
    links.begin_anew(account.pk, now=act.now)
    # Told first: rooms lock what they hold before anybody's ledger is locked.
    disowned.send(sender=NotMeLink, account_id=account.pk, since=link.event_at, act=act)
    record("account.disowned", account_id=account.pk, act=act, event=link.event)
    contest = _said(contest, link, act=act)
    pauses.renew(account_id=account.pk, cause="not_me", caused_at=contest.since, act=act)
    pauses.hold(account_id=account.pk, cause="not_me", number=contest.case, now=act.now)
    write(account, "recovery/mail/secured", facts={"number": contest.case}, act=act)
    return Secured(contest.case, act.now, links.make(account, link.address, now=act.now))


def said_lately(contest: PasswordHold, link: NotMeLink, *, now: datetime) -> bool:
    """Tell whether a link says nothing that its address has not said of the same case."""
    at = contest.said_at(link.address)
    return at is not None and (link.event_at <= at or now < at + ONE_EFFECT_IN)


def _nothing_new(
    account: Account, contest: PasswordHold, link: NotMeLink, now: datetime
) -> Secured:
    at, secret = contest.said_at(link.address), ""
    able = may_set_password(account, since=contest.since, now=now)
    if addresses.key(link.address) in {addresses.key(one) for one in able}:
        secret = links.make(account, link.address, now=now)
    void = not account.password
    return Secured(contest.case, at or contest.disowned_at, secret, effect=False, void=void)


def _said(contest: PasswordHold | None, link: NotMeLink, *, act: Act) -> PasswordHold:
    """Add what an address says to the case that runs; open one where none does."""
    said = {addresses.key(link.address): act.now.isoformat()}
    if contest is None:
        case = open_case(
            account_id=link.account_id,
            kind="not_me",
            act=act,
            since=link.event_at.isoformat(),
            said_by=[addresses.mask(link.address)],
        )
        contest, _new = PasswordHold.objects.update_or_create(
            account_id=link.account_id,
            defaults={
                "address": link.address,
                "since": link.event_at,
                "disowned_at": act.now,
                "ended_at": None,
                "case": case.number,
                "said_by": said,
            },
        )
        return contest
    contest.since = min(contest.since, link.event_at)
    contest.said_by |= said
    contest.save(update_fields=["since", "said_by"])
    add_fact(contest.case, since=contest.since.isoformat(), said_by=addresses.mask(link.address))
    return contest
