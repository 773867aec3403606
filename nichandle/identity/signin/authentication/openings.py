"""
A mailed link opens a browser for an hour, where strangers' failures have closed the password.

The page answers the same for known and unknown, at the same cost: it writes one job.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.queries import established_recovery, lock_account, may_act
from nichandle.identity.signin.authentication import candidates
from nichandle.identity.signin.models import Opening
from nichandle.identity.signin.recognition import browsers
from nichandle.platform.audit.operations import record
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.kernel.wording.figures import Duration, with_figures
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.operations import reset, spend

LINK_LIFETIME = timedelta(hours=1)
OPEN_FOR = timedelta(hours=1)
TYPED = "identifier typed for an opening"


class OpeningNotValid(Refused):
    code = "signin.opening_not_valid"
    message = with_figures(
        _(
            "This link was used, or is older than %(time)s. Or it is not complete: then copy the "
            "whole of it from the mail."
        ),
        time=Duration(LINK_LIFETIME, "than", in_words=True),
    )
    status = 410


def ask(*, typed: str, by_recovery: bool, act: Act) -> None:
    """
    Ask for a link that opens this browser; the same for known and unknown.

    :raises Exhausted: after too many requests from one network
    """
    spend("signin.opening_network", key=act.origin.network, now=act.now)
    payload = {
        "typed": tokens.seal(typed, TYPED),
        "by_recovery": by_recovery,
        "ip": act.origin.ip or "",
        "agent": act.origin.agent,
    }
    enqueue("signin.send_opening", payload, now=act.now)


def send(payload: Mapping[str, Any], *, now: datetime) -> None:
    """
    Mail the link to the account that was named, if any; three times an hour at most.

    A recovery address has to be established and still there; the primary one is told of it.
    """
    candidate = candidates.find(tokens.unseal(payload["typed"], TYPED))
    if candidate is None:
        return
    origin = Origin(payload["ip"] or None, payload["agent"])
    try:
        _send(candidate.account_id, bool(payload["by_recovery"]), act=Act(origin, now))
    except Exhausted:
        # The page has answered already; three links are in the mailbox.
        return


@transaction.atomic
def _send(account_id: UUID, by_recovery: bool, *, act: Act) -> None:
    account, to = lock_account(account_id), []
    if by_recovery:
        to = [row.address for row in established_recovery(account_id, now=act.now)]
    elif account.email:
        to = [account.email]
    if not to:
        # A stranger who asks for what goes nowhere spends nothing of the owner's.
        return
    spend("signin.opening", key=str(account_id), now=act.now)
    for address in to:
        minted = tokens.mint()
        Opening.objects.create(
            account=account,
            digest=minted.digest,
            address=address,
            expires_at=act.now + LINK_LIFETIME,
        )
        write(
            account,
            "signin/mail/opening",
            to=[address],
            secrets={"secret": minted.secret},
            expires_at=act.now + LINK_LIFETIME,
            act=act,
        )
    record("signin.opening_sent", account_id=account_id, act=act)
    if by_recovery and account.email:
        write(
            account,
            "signin/mail/opening_elsewhere",
            to=[account.email],
            facts={"addresses": ", ".join(to)},
            event="signin.opening_sent",
            act=act,
        )


def works(secret: str, *, now: datetime) -> bool:
    """Tell whether a link still opens a browser."""
    rows = Opening.objects.filter(digest=tokens.digest(secret), used_at=None)
    opening = rows.filter(expires_at__gt=now).first()
    return opening is not None and _still_ours(opening, now)


def _still_ours(opening: Opening, now: datetime) -> bool:
    """Tell whether the address it was mailed to is still one that may act."""
    return not opening.address or may_act(opening.account_id, opening.address, now=now)


@transaction.atomic
def use(*, secret: str, browser: str | None, act: Act) -> str:
    """
    Open a browser for an hour; returns the secret by which it is known.

    :raises OpeningNotValid: when the link is unknown, used, too old, or its address was removed
    """
    rows = Opening.objects.filter(
        digest=tokens.digest(secret), used_at=None, expires_at__gt=act.now
    )
    opening = locked(rows).first()
    if opening is None or not _still_ours(opening, act.now):
        raise OpeningNotValid
    opening.used_at = act.now
    opening.save(update_fields=["used_at"])
    opened = browsers.open_for_a_while(
        opening.account_id, browser=browser, until=act.now + OPEN_FOR
    )
    reset("signin.browser", key=f"{opening.account_id} {opened}")
    record("signin.browser_opened", account_id=opening.account_id, act=act)
    return opened


def void(account_ids: Collection[UUID], *, now: datetime) -> None:
    """End the outstanding links of accounts whose address is another now."""
    Opening.objects.filter(account_id__in=account_ids, used_at=None).update(used_at=now)


def clear_old(*, now: datetime) -> None:
    """Delete links long past their time."""
    Opening.objects.filter(expires_at__lt=now - timedelta(days=7)).delete()
