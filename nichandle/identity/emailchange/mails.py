"""Who reads the mails of a change, and what each of them may do about it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from nichandle.identity.accounts.contest import established
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.queries import addresses_told
from nichandle.identity.emailchange.clock import UNDO_FOR, VETO_FOR
from nichandle.identity.emailchange.models import Change, ChangeLink, ChangeMail

# What one may do, which is the name of the link in the mail. NOTHING: the mail only tells.
VETO, UNDO = ChangeLink.Kind.VETO.value, ChangeLink.Kind.UNDO.value
NOT_ME, NOTHING = "not_me", ""
LINKS_WORK_FOR = {VETO: VETO_FOR, UNDO: UNDO_FOR}
AWAITED = {
    ChangeMail.Part.ASKED: "emailchange/mail/warning",
    ChangeMail.Part.REMINDER: "emailchange/mail/reminder",
    ChangeMail.Part.PROVEN: "emailchange/mail/proven",
}
"""The mails whose delivery the clock awaits, where they go to somebody who may veto."""


def readers(
    account: Account,
    change: Change,
    recovery: Sequence[RecoveryAddress],
    *,
    also: Iterable[str] = (),
    now: datetime,
) -> dict[str, str]:
    """Return whom a mail about a change goes to, ``also`` these, with what each may do."""
    able = _rights(account, change, recovery, now)
    told = [*also, *addresses_told(account, recovery, now=now)]
    return {address: able.get(address, NOTHING) for address in told}


def _rights(
    account: Account, change: Change, recovery: Sequence[RecoveryAddress], now: datetime
) -> dict[str, str]:
    """
    Return what addresses may do about a change in its present state.

    While it is open, the primary address and the established recovery addresses veto it. What
    silence has made they undo, and so does the old address; the new one does not. What the old
    address has approved with its code, it alone undoes: recovery addresses that were established
    before it was asked disown it, as they do when it is contested or undone.
    """
    able = established(recovery, at=now, now=now)
    disowning = dict.fromkeys(established(recovery, at=change.asked_at, now=now), NOT_ME)
    match change.state:
        case Change.State.OPEN:
            return dict.fromkeys([account.email, *able], VETO)
        case Change.State.UNDONE:
            return {**disowning, change.old_address: NOT_ME}
        case Change.State.DONE if change.contested_at is not None:
            return disowning
        case Change.State.DONE if change.by_code:
            return {**disowning, change.old_address: UNDO}
        case Change.State.DONE:
            others = [address for address in able if address != change.new_address]
            return dict.fromkeys([change.old_address, *others], UNDO)
    return {}
