"""Which mail goes to whom while a request is open, with which link, and what the clock awaits."""

from collections.abc import Sequence
from datetime import datetime

from nichandle.identity.accounts.contest import contesting_addresses
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.primary import owners
from nichandle.identity.accounts.queries import known_addresses, profile
from nichandle.identity.emailchange import clock, mails
from nichandle.identity.emailchange.models import Change, ChangeLink, ChangeMail
from nichandle.identity.notme.operations import mint
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.models import Mail


def link(change: Change, kind: str, address: str, *, expires_at: datetime) -> str:
    """Make a link for a mail to an address, and return its secret."""
    minted = tokens.mint()
    ChangeLink.objects.create(
        change=change, kind=kind, address=address, digest=minted.digest, expires_at=expires_at
    )
    return minted.secret


def send_code(
    account: Account, change: Change, *, code: str, origin: Origin, now: datetime
) -> None:
    """Mail the code to the current address."""
    secrets = {"code": code, "veto": _veto(change, account.email, now)}
    not_before = change.asked_at + clock.silence(change)
    mail = mails.code(
        account, change, secrets=secrets, not_before=not_before, origin=origin, now=now
    )
    _await(change, mail, ChangeMail.Part.ASKED, to_current=True)


def warn(account: Account, change: Change, *, origin: Origin, now: datetime) -> None:
    """Warn the recovery addresses; a young one is told and can do nothing."""
    able = contesting_addresses(account, now=now)
    for address in known_addresses(account, now=now)[1:]:
        if address in able:
            write_to(address, account, change, ChangeMail.Part.ASKED, origin=origin, now=now)
        else:
            mails.warning(account, change, address, secrets={}, origin=origin, now=now)


def send_proof(
    account: Account, change: Change, *, secret: str, origin: Origin, now: datetime
) -> None:
    """Mail the link to the new address."""
    mails.proof(account, change, secrets={"secret": secret}, origin=origin, now=now)


def tell_owner(change: Change, *, now: datetime) -> None:
    """Tell the owner of a taken address that somebody asked for it; not who or from where."""
    others = owners([change.new_key], now=now).get(change.new_key, set()) - {change.account_id}
    for account_id in sorted(others)[:1]:
        owner = profile(account_id)
        mails.taken(owner, to=_as_stored(owner, change.new_key), now=now)


def _as_stored(owner: Account, key: str) -> str:
    """
    Return an address as its owner wrote it: what a stranger typed may be another mailbox.

    One that is only kept for its owner is the old address of one of their changes.
    """
    if owner.email_key == key:
        return owner.email
    done = Change.objects.filter(account=owner, state=Change.State.DONE).order_by("-pk")
    before = done.values_list("old_address", flat=True)
    return next((one for one in before if addresses.key(one) == key), owner.email)


def remind(account: Account, change: Change, *, origin: Origin, now: datetime) -> None:
    """Remind the current address and the established recovery addresses."""
    for address in contesting_addresses(account, now=now):
        write_to(address, account, change, ChangeMail.Part.REMINDER, origin=origin, now=now)


def tell_proven(account: Account, change: Change, *, origin: Origin, now: datetime) -> None:
    """Tell the current address, and those that speak for it where it refuses mail."""
    for address in contesting_addresses(account, now=now):
        write_to(address, account, change, ChangeMail.Part.PROVEN, origin=origin, now=now)


def write_to(
    address: str, account: Account, change: Change, part: str, *, origin: Origin, now: datetime
) -> None:
    """Write one mail of a part, with a veto, to who may contest; the clock awaits it."""
    write = {
        ChangeMail.Part.ASKED: mails.warning,
        ChangeMail.Part.REMINDER: mails.reminder,
        ChangeMail.Part.PROVEN: mails.proven,
    }[ChangeMail.Part(part)]
    secrets = {"veto": _veto(change, address, now)}
    mail = write(account, change, address, secrets=secrets, origin=origin, now=now)
    _await(change, mail, part, to_current=address == account.email)


def _veto(change: Change, address: str, now: datetime) -> str:
    return link(change, ChangeLink.Kind.VETO, address, expires_at=now + clock.VETO_FOR)


def _await(change: Change, mail: Mail, part: str, *, to_current: bool) -> None:
    ChangeMail.objects.create(change=change, mail_id=mail.pk, part=part, to_current=to_current)


def may_disown(change: Change, recovery: Sequence[RecoveryAddress], *, now: datetime) -> set[str]:
    """Return the recovery addresses, established before a request, that may contest its change."""
    asked = change.asked_at
    return {row.address for row in recovery if row.hears(now) and row.was_established(asked)}


def not_me_link(change: Change, address: str, *, now: datetime) -> str:
    """Return the secret by which an address disowns a change, and what came since it was asked."""
    return mint(
        account_id=change.account_id,
        event="email.changed",
        address=address,
        event_at=change.asked_at,
        now=now,
    )
