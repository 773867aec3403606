"""
Undoing a change that took effect.

Each undo belongs to one change: it restores the address before that change and cancels every later
one, so that of several the earliest wins; it voids its own links and the later ones', never an
earlier one's. A change that the old address approved with its code is not undone by the old mailbox
alone, which may be the stolen or the abandoned one: it only pauses and has somebody look into it,
unless a recovery address or a factor established before the request confirms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from nichandle.identity.accounts import primary
from nichandle.identity.accounts.contest import established, may_contest
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_account, recovery_of
from nichandle.identity.cases.review.decisions import settle_contests
from nichandle.identity.emailchange import telling
from nichandle.identity.emailchange.errors import (
    ChangeSentOften,
    UndoCodeWrong,
    UndoFactorTooYoung,
    UndoLinkNotValid,
)
from nichandle.identity.emailchange.mails import NOTHING, readers
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.outcome import endings
from nichandle.identity.emailchange.outcome.voiding import void_mailed
from nichandle.identity.emailchange.queries import link_of, open_change, why_not
from nichandle.identity.emailchange.signals import changed, contested
from nichandle.identity.emailchange.telling import not_me_link
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.queries import Factors, factors_of
from nichandle.identity.pauses.operations import begin, renew
from nichandle.identity.pauses.queries import all_running
from nichandle.identity.signin.credentials.enrolment import proven
from nichandle.identity.signin.sessions.ending import end_all
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import locked, run_together
from nichandle.platform.limits.operations import check, spending

CODE_LIFETIME = timedelta(hours=24)
TIMES = 4
"""
How many codes are mailed until the last of them is over. Whoever reads the old mailbox may use them
up: the last one then waits its day for the owner, and after that there are new ones.
"""
KEPT_FOR = timedelta(days=30)
"""So long after a press the old address is nobody else's, for reviewers may give it back."""


@dataclass(frozen=True, slots=True)
class Undone:
    """
    What an undo came to.

    ``restored``: the address before is the primary one again, and ``not_me`` opens the page that
    makes the account safe. Otherwise the change was only paused on: ``by_code`` tells whether a
    code went to recovery addresses that may confirm, ``by_factor`` whether a factor may.
    """

    change: Change
    restored: bool
    by_code: bool = False
    by_factor: bool = False
    not_me: str = ""


def undo(*, secret: str, act: Act) -> Undone:
    """
    Undo a change with the link of a mail; each press pauses anew where it does not restore.

    :raises UndoLinkNotValid: when the link is unknown, used, too old or overtaken
    :raises ChangeSentOften: when the confirming code was sent too often; the pause has begun
    """
    with transaction.atomic():
        link, account = _locked_link(secret, act.now)
        change = link.change
        if not change.by_code:
            return _restore(account, change, link, act=act)
        _contest(account, change, act=act)
    with transaction.atomic():
        # What restored the address meanwhile has voided the link.
        link, account = _locked_link(secret, act.now)
        change = link.change
        return Undone(
            change,
            restored=False,
            by_code=_send_code(account, change, act),
            by_factor=bool(factors_that_confirm(change).methods),
        )


def confirm(*, secret: str, code: str, act: Act) -> Undone:
    """
    Confirm an undo with the code mailed to an established recovery address.

    :raises UndoLinkNotValid: when the link is unknown, used, too old or overtaken
    :raises UndoCodeWrong: counted
    :raises Exhausted: after ten wrong codes in a day
    """
    found = link_of(secret, ChangeLink.Kind.UNDO)
    if found is None:
        raise UndoLinkNotValid("unknown")
    check(("email.undo_code", str(found.change.account_id)), now=act.now)
    with counting():
        link, account = _locked_link(secret, act.now)
        if link.change.undo_code.fits(code, now=act.now):
            return _restore(account, link.change, link, act=act)
        record("email.undo_code_wrong", account_id=account.pk, act=act)
        run_together([spending("email.undo_code", key=str(account.pk), now=act.now)])
        raise UndoCodeWrong


def confirm_with_factor(*, secret: str, answer: Answer, visit: Visit) -> Undone:
    """
    Confirm an undo with a second factor that was established before the change was asked.

    :raises UndoLinkNotValid: when the link is unknown, used, too old or overtaken
    :raises UndoFactorTooYoung: for a factor set up since, or shortly before
    :raises ProofWrong, KeyCloned: counted
    :raises Exhausted: after too many wrong proofs
    """
    origin, now = visit.origin, visit.now
    with counting():
        link, account = _locked_link(secret, now)
        proof = proven(account.pk, answer, visit=visit)
        if not proof.established_before(link.change.asked_at):
            raise UndoFactorTooYoung
        return _restore(account, link.change, link, act=Act(origin, now))


def factors_that_confirm(change: Change) -> Factors:
    """Return the factors that may confirm the undo of a change."""
    return factors_of(change.account_id).established_before(change.asked_at)


def void_undos(changes: list[Change], *, now: datetime) -> None:
    """End the undo links of changes."""
    links = ChangeLink.objects.filter(change__in=changes, kind=ChangeLink.Kind.UNDO, used_at=None)
    links.update(used_at=now)


def _locked_link(secret: str, now: datetime) -> tuple[ChangeLink, Account]:
    """Return a link that works, the account's row and its own locked."""
    found = link_of(secret, ChangeLink.Kind.UNDO)
    if found is None:
        raise UndoLinkNotValid("unknown")
    account = lock_account(found.change.account_id)
    link = locked(ChangeLink.objects.select_related("change").filter(pk=found.pk)).get()
    why = why_not(link, now=now)
    if why:
        raise UndoLinkNotValid(why)
    return link, account


def _restore(account: Account, change: Change, link: ChangeLink, *, act: Act) -> Undone:
    """Restore the address before a change; every later change and request is cancelled."""
    dropped = _cancel_later(account, change, act=act)
    key = addresses.key(change.old_address)
    old = primary.NewAddress(account.pk, change.old_address, key, change.old_proven_at)
    primary.replace([old], now=act.now)
    account.email, account.email_key = change.old_address, key
    end_all(account_id=account.pk)
    given_up = [one for one in dropped if not may_contest(account, one, now=act.now)]
    void_mailed([(account.pk, one) for one in given_up], now=act.now)
    changed.send(sender=Change, account_ids=[account.pk], act=act)
    # The address is back: the reviewers need not give it back, and the pause ends at its time.
    restored = [addresses.key(one) for one in [change.old_address, *dropped]]
    settle_contests(account.pk, act=act, restored=restored)
    if not _paused_by_contest(change, act.now):
        _pause(change, act)
    record(
        "email.change_undone",
        account_id=account.pk,
        act=act,
        old=dropped[0],
        new=change.old_address,
    )
    template = "emailchange/mail/undone"
    _tell(template, account, change, also=dropped, act=act)
    return Undone(change, restored=True, not_me=not_me_link(change, link.address, now=act.now))


def _tell(
    template: str,
    account: Account,
    change: Change,
    *,
    also: Sequence[str] = (),
    act: Act,
) -> None:
    """Tell every address, ``also`` these, of an undo; with the end of the pause that ends last."""
    to = readers(account, change, recovery_of([account.pk])[account.pk], also=also, now=act.now)
    # One pause runs at least, that of this undo.
    until = all_running(account.pk, now=act.now)[0].ends_at.isoformat()
    telling.write(telling.letters(account, change, template, to, act=act, paused_until_at=until))


def _cancel_later(account: Account, change: Change, *, act: Act) -> list[str]:
    """Cancel this change, the later ones and the open request; return the addresses dropped."""
    request = open_change(account.pk)
    if request is not None:
        endings.refuse(request, act=act, reason="undone")
    done = Change.objects.filter(account=account, state=Change.State.DONE)
    later = list(done.filter(ended_at__gte=change.ended_at, pk__gte=change.pk).order_by("-pk"))
    for each in later:
        assert each.ended_at is not None
        primary.give_back(account.pk, each.new_key, since=each.ended_at, now=act.now)
    void_undos(later, now=act.now)
    ids = [each.pk for each in later]
    Change.objects.filter(pk__in=ids).update(state=Change.State.UNDONE)
    change.state = Change.State.UNDONE
    return [each.new_address for each in later]


def _contest(account: Account, change: Change, *, act: Act) -> None:
    """Pause until somebody has looked into it; pressed again, from then on as at first."""
    if change.contested_at is None:
        change.contested_at = act.now
        change.save(update_fields=["contested_at"])
    end_all(account_id=account.pk)
    begun = renew(account_id=account.pk, cause="change_undone", caused_at=change.asked_at, act=act)
    key = addresses.key(change.old_address)
    primary.keep([(account.pk, key)], until=act.now + KEPT_FOR)
    contested.send(
        sender=Change,
        account_id=account.pk,
        address=change.old_address,
        proven_at=change.old_proven_at,
        act=act,
    )
    if begun:
        record("email.change_contested", account_id=account.pk, act=act)
        _tell("emailchange/mail/contested", account, change, act=act)


def _send_code(account: Account, change: Change, act: Act) -> bool:
    """Mail the code to those who may confirm; tell whether there are any."""
    rows = recovery_of([account.pk])[account.pk]
    able = established(rows, at=change.asked_at, now=act.now)
    if not able:
        return False
    if change.undo_code.expired(act.now):
        change.undo_codes_sent = 0
    if change.undo_codes_sent >= TIMES:
        raise ChangeSentOften
    until = act.now + CODE_LIFETIME
    change.undo_codes_sent += 1
    code = change.undo_code.issue(until=until)
    change.save(update_fields=["undo_codes_sent", "undo_code_digest", "undo_code_expires_at"])
    made = telling.letters(
        account,
        change,
        "emailchange/mail/undo_code",
        dict.fromkeys(able, NOTHING),
        secrets={"code": code},
        expires_at=until,
        act=act,
    )
    telling.write(made)
    return True


def _paused_by_contest(change: Change, now: datetime) -> bool:
    """Tell whether the pause that contesting this change began is still running."""
    running = all_running(change.account_id, now=now)
    contested_at = change.contested_at
    return contested_at is not None and any(pause.cause == "change_undone" for pause in running)


def _pause(change: Change, act: Act) -> None:
    begin(
        account_id=change.account_id,
        cause="change_undone",
        caused_at=change.asked_at,
        act=act,
    )
