"""Writing the mails of a change, with their links, and having the clock await them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from nichandle.identity.accounts import letterhead
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.primary import owners
from nichandle.identity.accounts.queries import profile, recovery_of
from nichandle.identity.emailchange import clock
from nichandle.identity.emailchange.mails import (
    AWAITED,
    LINKS_WORK_FOR,
    NOT_ME,
    VETO,
    readers,
)
from nichandle.identity.emailchange.models import Change, ChangeLink, ChangeMail
from nichandle.identity.notme.operations import mint
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import draft, enqueue_all

Made = tuple[Mail, ChangeLink | None]


def letters(
    account: Account,
    change: Change,
    template: str,
    to: Mapping[str, str],
    *,
    secrets: Mapping[str, str] | None = None,
    expires_at: datetime | None = None,
    act: Act,
    **facts: object,
) -> Iterator[Made]:
    """Make a mail for each address, with the link of what it may do: see ``mails.readers``."""
    facts |= {
        "old_address": change.old_address,
        "new_address": change.new_address,
        "by_code": change.by_code,
        "proven": change.proven_at is not None,
        "state": change.state,
        "why": change.refused_why,
    }
    for address, right in to.items():
        own, row = dict(secrets or {}), None
        if right == NOT_ME:
            own[right] = not_me_link(change, address, now=act.now)
        elif right:
            own[right], row = _link(change, right, address, act.now + LINKS_WORK_FOR[right])
        mail = letterhead.letter(
            account,
            template,
            to=address,
            facts=facts,
            secrets=own,
            expires_at=expires_at,
            act=act,
        )
        yield mail, row


def write(made: Iterable[Made], *, part: str = "") -> None:
    """Write mails and their links; those of a ``part`` that carry a veto the clock awaits."""
    pairs = list(made)
    ChangeLink.objects.bulk_create(row for _mail, row in pairs if row is not None)
    enqueue_all(mail for mail, _row in pairs)
    if part:
        ChangeMail.objects.bulk_create(
            ChangeMail(
                change=row.change,
                mail_id=mail.pk,
                part=part,
                to_current=row.address == row.change.old_address,
                written_at=mail.created_at,
            )
            for mail, row in pairs
            if row is not None
        )


def link(change: Change, kind: str, address: str, *, expires_at: datetime) -> str:
    """Make a link for a mail to an address, and return its secret."""
    secret, row = _link(change, kind, address, expires_at)
    row.save(force_insert=True)
    return secret


def _link(change: Change, kind: str, address: str, expires_at: datetime) -> tuple[str, ChangeLink]:
    minted = tokens.mint()
    row = ChangeLink(
        change=change, kind=kind, address=address, digest=minted.digest, expires_at=expires_at
    )
    return minted.secret, row


def not_me_link(change: Change, address: str, *, now: datetime) -> str:
    """Return the secret by which an address disowns a change, and what came since it was asked."""
    return mint(
        account_id=change.account_id,
        event="email.changed",
        address=address,
        event_at=change.asked_at,
        now=now,
    )


def send_code(account: Account, change: Change, *, code: str, act: Act) -> None:
    """Mail the code to the current address."""
    made = letters(
        account,
        change,
        "emailchange/mail/code",
        {account.email: VETO},
        secrets={"code": code},
        act=act,
        not_before_at=(change.asked_at + clock.silence(change)).isoformat(),
    )
    write(made, part=ChangeMail.Part.ASKED)


def tell(part: ChangeMail.Part, account: Account, change: Change, *, act: Act) -> None:
    """
    Tell those who may veto how far an open change has come.

    When it is asked, the current address has the code instead, and an address too young to veto is
    told nevertheless.
    """
    to = readers(account, change, recovery_of([account.pk])[account.pk], now=act.now)
    if part == ChangeMail.Part.ASKED:
        del to[account.email]
    else:
        to = {address: right for address, right in to.items() if right}
    write(letters(account, change, AWAITED[part], to, act=act), part=part)


def send_proof(
    account: Account,
    change: Change,
    *,
    secrets: Mapping[str, str],
    reminder: bool,
    now: datetime,
) -> None:
    """
    Mail link and code to the new address.

    It says neither for which identifier nor from where it was asked: by a slip of the pen the
    address is a stranger's. And it belongs to no account's list of mails: were it there, its
    absence would say that the address is another customer's, to whom ``tell_owner`` has written.
    """
    mail = draft(
        template="emailchange/mail/proof",
        to=change.new_address,
        language=account.language,
        context={"new_address": change.new_address, "reminder": reminder},
        secrets=secrets,
        act=Act.by_itself(now),
    )
    enqueue_all([mail])
    _await_at_new(change, mail)


def tell_owner(change: Change, *, now: datetime) -> None:
    """
    Tell the owner of a taken address that somebody asked for it; not who or from where.

    The clock waits for this mail as for the one it stands for, so that it shows no difference.
    """
    others = owners([change.new_key], now=now).get(change.new_key, set()) - {change.account_id}
    for account_id in sorted(others)[:1]:
        owner = profile(account_id)
        to = [_as_stored(owner, change.new_key)]
        template = "emailchange/mail/taken"
        for mail in letterhead.write(owner, template, to=to, act=Act.by_itself(now)):
            _await_at_new(change, mail)


def _await_at_new(change: Change, mail: Mail) -> None:
    part = ChangeMail.Part.PROOF
    change.mails.create(mail_id=mail.pk, part=part, to_current=False, written_at=mail.created_at)


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
