"""
Proving the new address: with its link in the browser that asked, or with its code typed there.

Programs that check mail open links, and some press the buttons behind them. So a link alone proves
nothing: whoever has it must also be who asked. Somebody who reads the mail elsewhere types its code
on the page where the change was asked.
"""

from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.emailchange import telling
from nichandle.identity.emailchange.deliveries import CLOCK, set_clock
from nichandle.identity.emailchange.errors import (
    NoOpenChange,
    ProofCodeWrong,
    ProofElsewhere,
    ProofLinkNotValid,
)
from nichandle.identity.emailchange.models import Change, ChangeLink, ChangeMail
from nichandle.identity.emailchange.outcome import effect
from nichandle.identity.emailchange.queries import link_of, open_change, why_not
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import locked, run_together
from nichandle.platform.limits.operations import check, left, spending


def browser_digest(secret: str | None) -> str:
    """Return what a request keeps of the browser that asked; empty for one that has no secret."""
    return tokens.digest(secret) if secret else ""


def asked_here(change: Change, *, browser: str | None, account_id: UUID | None) -> bool:
    """
    Tell whether a change was asked in this browser.

    Of one that was asked before browsers were kept, who is signed in to its account will do.
    """
    if change.browser_digest:
        return tokens.same(browser_digest(browser), change.browser_digest)
    return account_id == change.account_id


def prove_by_link(*, secret: str, account_id: UUID | None, visit: Visit) -> Change:
    """
    Prove the new address with the link mailed to it; ``account_id`` is who is signed in.

    :raises ProofLinkNotValid: when the link is unknown, used, replaced, or its request has ended
    :raises ProofElsewhere: in any browser but the one that asked; the link stays good
    """
    found = link_of(secret, ChangeLink.Kind.PROOF)
    if found is None:
        raise ProofLinkNotValid("unknown")
    with transaction.atomic():
        account = lock_account(found.change.account_id)
        link = locked(ChangeLink.objects.select_related("change").filter(pk=found.pk)).get()
        why = why_not(link, now=visit.now)
        if why or link.change.taken:
            raise ProofLinkNotValid(why)
        if not asked_here(link.change, browser=visit.browser, account_id=account_id):
            raise ProofElsewhere
        _prove(link.change, account, key=visit.replaces, act=Act(visit.origin, visit.now))
    return link.change


def prove_by_code(*, account_id: UUID, code: str, key: str | None, act: Act) -> Change:
    """
    Prove the new address with the code mailed to it, typed where the change was asked.

    ``key`` is the session that stays open. For an address that is another account's no code is
    right.

    :raises NoOpenChange: when none is open
    :raises ProofCodeWrong: counted; says how many tries are left
    :raises Exhausted: after ten wrong codes in a day
    """
    check(("email.proof_code", str(account_id)), now=act.now)
    with counting():
        account, change = lock_account(account_id), open_change(account_id)
        if change is None:
            raise NoOpenChange
        if change.proven_at is not None:
            return change
        set_clock(change, now=act.now)
        if change.proof_code.fits(code, now=act.now) and not change.taken:
            _prove(change, account, key=key, act=act)
            return change
        record("email.proof_code_wrong", account_id=account_id, act=act)
        run_together([spending("email.proof_code", key=str(account_id), now=act.now)])
        raise ProofCodeWrong(left=left("email.proof_code", key=str(account_id), now=act.now))


def _prove(change: Change, account: Account, *, key: str | None, act: Act) -> None:
    """Note the proof, and go on to the effect where the code was entered before it."""
    links = change.links.filter(kind=ChangeLink.Kind.PROOF, used_at=None)
    links.update(used_at=act.now)
    change.proven_at = act.now
    change.proof_code.spend()
    set_clock(change, now=act.now)
    change.save(update_fields=["proven_at", "proof_code_digest", *CLOCK])
    record(
        "email.new_address_proven",
        account_id=change.account_id,
        act=act,
        new=change.new_address,
    )
    if change.by_code and change.held_at is None:
        effect.apply(change, account, keep_session=key, act=act)
        return
    telling.tell(ChangeMail.Part.PROVEN, account, change, act=act)
