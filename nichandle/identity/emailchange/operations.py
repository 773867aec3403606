"""Asking for a change of the primary address, sending its mails again, entering the code."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.primary import belongs_to_another
from nichandle.identity.accounts.queries import lock_account, recovery_addresses
from nichandle.identity.cases import filing
from nichandle.identity.emailchange import clock, telling
from nichandle.identity.emailchange.confirmation import codes, proofs
from nichandle.identity.emailchange.deliveries import CLOCK, set_clock
from nichandle.identity.emailchange.errors import (
    ApprovedAlready,
    ChangeCodeWrong,
    ChangeHeld,
    ChangeSentOften,
    CodesSpent,
    NoOpenChange,
    NotVetoedOften,
    ProvenAlready,
    RecoveryTooYoung,
    SameAddress,
)
from nichandle.identity.emailchange.models import Change, ChangeMail
from nichandle.identity.emailchange.outcome import effect, endings, proving
from nichandle.identity.emailchange.queries import (
    TIMES_AGAIN,
    often_vetoed,
    open_change,
)
from nichandle.identity.pauses.operations import require
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import run_together
from nichandle.platform.limits.operations import check, left, spend, spending


@transaction.atomic
def request_change(
    *, account_id: UUID, address: str, browser: str | None = None, act: Act
) -> Change:
    """
    Ask for another primary address; the caller has seen a fresh sign-in.

    At once a code goes to the current address, link and code to the new one, a warning to the
    recovery addresses. An open request for the same address is returned as it is: pressed twice,
    asked once. One for another address is replaced. Nothing here tells whose the new address is.
    ``browser`` is the secret of the browser that asks: the link proves only there.

    :raises SameAddress: when it is the primary address already
    :raises RecoveryTooYoung: when it is a recovery address that is not established
    :raises pauses.Paused: while a pause runs
    :raises Exhausted: after three requests in a day, or too many mails to the new address
    """
    account, key = lock_account(account_id), addresses.key(address)
    _refuse_unfit(account, key, act.now)
    before = open_change(account_id)
    if before is not None and before.new_key == key:
        return before
    require(account_id, "email.change", now=act.now)
    spend("email.change", key=str(account_id), now=act.now)
    if before is not None:
        endings.replace(before, act=act)
    change = _open_new(account, address, browser=browser, act=act)
    record("email.change_asked", account_id=account_id, act=act, old=account.email, new=address)
    codes.send(account, change, act=act)
    telling.tell(ChangeMail.Part.ASKED, account, change, act=act)
    proofs.order(change, act=act)
    return change


@transaction.atomic
def ask_for_decision(*, account_id: UUID, address: str, act: Act) -> str:
    """
    Have customer service decide, by a case, what was vetoed again and again.

    The caller has seen a fresh sign-in. Returns the secret of the case's page, where the new
    address is proven and papers are added before it is sent.

    :raises NotVetoedOften: unless three requests were refused within thirty days
    :raises SameAddress: when it is the primary address already
    :raises Exhausted: after too many cases from one network or for one address
    """
    account = lock_account(account_id)
    if not often_vetoed(account_id, now=act.now):
        raise NotVetoedOften
    _refuse_unfit(account, addresses.key(address), act.now)
    assert account.handle is not None, "who is signed in to the area has an identifier"
    return filing.begin(
        kind="change_vetoed",
        typed=account.handle.text,
        address=address,
        language=account.language,
        stranger=False,
        act=act,
    )


@transaction.atomic
def send_code_again(*, account_id: UUID, act: Act) -> None:
    """
    Mail a new code to the current address; the one before is void, the clock is unmoved.

    :raises NoOpenChange: when none is open
    :raises ApprovedAlready: when the code was entered: another would open nothing
    :raises ChangeSentOften: after three times
    """
    account = lock_account(account_id)
    change = _open(account_id)
    if change.by_code:
        raise ApprovedAlready
    if change.codes_sent > TIMES_AGAIN:
        raise ChangeSentOften
    codes.send(account, change, act=act)
    record("email.change_code_sent", account_id=change.account_id, act=act)


@transaction.atomic
def send_proof_again(*, account_id: UUID, act: Act) -> None:
    """
    Mail a new link and code to the new address; those before are void.

    :raises NoOpenChange: when none is open
    :raises ProvenAlready: when the new address is proven
    :raises ChangeSentOften: after three times
    :raises Exhausted: after too many mails for the account, or to this address by anybody
    """
    lock_account(account_id)
    change = _open(account_id)
    if change.proven_at is not None:
        raise ProvenAlready
    if change.proofs_sent > TIMES_AGAIN:
        raise ChangeSentOften
    proofs.order(change, act=act)
    record("email.change_proof_sent", account_id=change.account_id, act=act)


def confirm_code(*, account_id: UUID, code: str, key: str | None, act: Act) -> Change:
    """
    Approve the open request with the code mailed to the current address.

    It takes effect at once when the new address is proven already, else as soon as it is. ``key``
    is the session that stays open.

    :raises NoOpenChange: when none is open
    :raises ChangeHeld: while it is held
    :raises ChangeCodeWrong: counted; says how many tries are left
    :raises CodesSpent: counted; the tenth wrong one of a day ends the request
    :raises pauses.Paused: while a pause runs
    :raises Exhausted: after ten wrong codes in a day
    """
    check(("email.change_code", str(account_id)), now=act.now)
    with counting():
        account = lock_account(account_id)
        change = _open(account_id)
        if change.held_at is not None:
            raise ChangeHeld
        require(account_id, "email.change", now=act.now)
        if change.code_entered_at is not None:
            return change
        set_clock(change, now=act.now)
        if change.code.expired(act.now):
            # Over, though the worker has not ended it yet.
            raise NoOpenChange
        if change.code.fits(code, now=act.now):
            change.code_entered_at = act.now
            change.code.spend()
            set_clock(change, now=act.now)
            change.save(update_fields=["code_entered_at", "code_digest", *CLOCK])
            record("email.change_approved", account_id=change.account_id, act=act)
            if change.proven_at is not None:
                effect.apply(change, account, keep_session=key, act=act)
            return change
        tries = _count_wrong(change, act)
        raise ChangeCodeWrong(left=tries) if tries else CodesSpent


def _refuse_unfit(account: Account, key: str, now: datetime) -> None:
    if key == account.email_key:
        raise SameAddress
    young = [row for row in recovery_addresses(account.pk) if not row.established(now)]
    if key in {row.address_key for row in young}:
        raise RecoveryTooYoung


def _open_new(account: Account, address: str, *, browser: str | None, act: Act) -> Change:
    key = addresses.key(address)
    change = Change(
        account=account,
        old_address=account.email,
        old_proven_at=account.email_proven_at,
        new_address=address,
        new_key=key,
        taken=belongs_to_another(key, account.pk, now=act.now),
        asked_at=act.now,
        ip=act.origin.ip,
        agent=act.origin.agent,
        browser_digest=proving.browser_digest(browser),
        lapses_at=act.now + clock.OPEN_FOR,
    )
    change.prompt_at = clock.prompt_at(change)
    change.save(force_insert=True)
    return change


def _open(account_id: UUID) -> Change:
    """Return the open request; the caller holds the account's row."""
    change = open_change(account_id)
    if change is None:
        raise NoOpenChange
    return change


def _count_wrong(change: Change, act: Act) -> int:
    """Count a wrong code across requests; return how many tries are left, none ends this one."""
    record("email.change_code_wrong", account_id=change.account_id, act=act)
    account = str(change.account_id)
    run_together([spending("email.change_code", key=account, now=act.now)])
    tries = left("email.change_code", key=account, now=act.now)
    if not tries:
        endings.refuse(change, act=act, reason="codes")
    return tries
