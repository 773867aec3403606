"""How somebody ends a request without effect: vetoed, withdrawn, replaced; and how it is held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.queries import lock_account, profile, recovery_of
from nichandle.identity.emailchange import telling
from nichandle.identity.emailchange.deliveries import CLOCK, set_clock
from nichandle.identity.emailchange.errors import NoOpenChange, VetoLinkNotValid
from nichandle.identity.emailchange.mails import readers
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.queries import (
    VETOED_BY_LINK,
    VETOED_SIGNED_IN,
    link_of,
    open_change,
    why_not,
)
from nichandle.identity.notme.operations import mint
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.act import Act


@dataclass(frozen=True, slots=True)
class Vetoed:
    """A veto that ended a request; ``not_me`` opens the page that makes the account safe."""

    change: Change
    not_me: str


@transaction.atomic
def veto(*, secret: str, act: Act) -> Vetoed:
    """
    End the account's open request with the link of a mail, whichever request's mail it came in.

    :raises VetoLinkNotValid: when the link is unknown, its address is the account's no longer, or
        no request is open
    """
    found = link_of(secret, ChangeLink.Kind.VETO)
    if found is None:
        raise VetoLinkNotValid("unknown")
    account = lock_account(found.change.account_id)
    found, change = link_of(secret, ChangeLink.Kind.VETO), open_change(account.pk)
    why = why_not(found, now=act.now)
    if found is None or change is None or why:
        raise VetoLinkNotValid(why)
    refuse(change, act=act, reason=VETOED_BY_LINK, by=found.address)
    secure = mint(
        account_id=change.account_id,
        event="email.change_asked",
        address=found.address,
        event_at=change.asked_at,
        now=act.now,
    )
    return Vetoed(change, secure)


@transaction.atomic
def veto_signed_in(*, account_id: UUID, act: Act) -> None:
    """
    End the open request, signed in.

    :raises NoOpenChange: when none is open
    """
    lock_account(account_id)
    refuse(_open(account_id), act=act, reason=VETOED_SIGNED_IN)


@transaction.atomic
def withdraw(*, account_id: UUID, act: Act) -> None:
    """
    Withdraw the open request.

    :raises NoOpenChange: when none is open
    """
    lock_account(account_id)
    change = _open(account_id)
    _end(change, Change.State.WITHDRAWN, act=act)
    record("email.change_withdrawn", account_id=account_id, act=act)


@transaction.atomic
def resume(*, account_id: UUID, act: Act) -> None:
    """
    Let a held request go on; silence begins anew. The caller has seen a fresh sign-in.

    :raises NoOpenChange: when none is open
    """
    lock_account(account_id)
    change = _open(account_id)
    if change.held_at is None:
        return
    change.held_at, change.resumed_at = None, act.now
    set_clock(change, now=act.now)
    change.save(update_fields=["held_at", "resumed_at", *CLOCK])
    record("email.change_resumed", account_id=account_id, act=act)


def refuse(change: Change, *, act: Act, reason: str, by: str = "") -> None:
    """End a request as refused; the caller holds the account's row."""
    change.refused_why = reason
    _end(change, Change.State.REFUSED, act=act)
    record(
        "email.change_refused",
        account_id=change.account_id,
        act=act,
        reason=reason,
        address=by or None,
    )


def replace(change: Change, *, act: Act) -> None:
    """End a request because a newer one takes its place; that one's mails tell it."""
    _close(change, Change.State.REPLACED, act.now)
    record("email.change_replaced", account_id=change.account_id, act=act)


def take_back(account_id: UUID, *, since: datetime, act: Act) -> None:
    """End what was asked since a disowned act; hold, for the owner to resume, what was before."""
    change = open_change(account_id)
    if change is None:
        return
    if change.asked_at >= since:
        refuse(change, act=act, reason="disowned")
        return
    change.held_at = act.now
    change.due_at = change.remind_at = change.prompt_at = None
    change.save(update_fields=["held_at", "due_at", "remind_at", "prompt_at"])
    record("email.change_held", account_id=account_id, act=act)


def _open(account_id: UUID) -> Change:
    change = open_change(account_id)
    if change is None:
        raise NoOpenChange
    return change


def _end(change: Change, state: Change.State, *, act: Act) -> None:
    """End a request and tell every address."""
    _close(change, state, act.now)
    account = profile(change.account_id)
    recovery = recovery_of([account.pk])[account.pk]
    telling.write(ended_letters(change, account, recovery, act=act))


def ended_letters(
    change: Change,
    account: Account,
    recovery: Sequence[RecoveryAddress],
    *,
    act: Act,
) -> Iterator[telling.Made]:
    """Make the mails that tell every address that a request has ended without effect."""
    to = readers(account, change, recovery, now=act.now)
    template = "emailchange/mail/ended"
    return telling.letters(account, change, template, to, act=act)


def _close(change: Change, state: Change.State, now: datetime) -> None:
    change.state, change.ended_at = state, now
    change.code.spend()
    change.proof_code.spend()
    change.due_at = change.remind_at = change.prompt_at = None
    written = ["state", "ended_at", "code_digest", "proof_code_digest", "due_at", "remind_at"]
    change.save(update_fields=[*written, "prompt_at", "refused_why"])
