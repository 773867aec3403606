"""Somebody objects to a case, or the old address confirms it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts.contest import may_contest
from nichandle.identity.accounts.queries import profile
from nichandle.identity.cases.errors import CannotConfirm, CaseOver, NoticeLinkNotValid
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.ledger import record
from nichandle.identity.cases.models import Case, Notice, Objection
from nichandle.identity.cases.queries import RUNNING, lock_case, notice_of, of_number
from nichandle.identity.cases.review.decisions import reopen
from nichandle.identity.cases.review.notices import set_due
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE

WORDS_KEPT = 2000


def object_by_link(*, secret: str, words: str, act: Act) -> None:
    """
    Object with the link of a notice; once for each address, pressed twice it counts once.

    :raises NoticeLinkNotValid: when it is unknown, the case closed, the address given up
    """
    found = notice_of(secret)
    if found is None:
        raise NoticeLinkNotValid
    with transaction.atomic():
        case, notice = _locked_notice(found, secret, act.now)
        _object(case, Objection.By.ADDRESS, notice.address, words, act, deciding=True)


@transaction.atomic
def object_signed_in(*, account_id: UUID, number: str, words: str, act: Act) -> None:
    """
    Object to a case about one's own account; the caller has seen a fresh sign-in.

    :raises CaseOver: when no such case about the account is running
    """
    found = of_number(number)
    if found is None or found.account_id != account_id or not found.sort.effect:
        raise CaseOver
    case = lock_case(found)
    if case.state not in RUNNING:
        raise CaseOver
    _object(case, Objection.By.SIGNIN, "", words, act, deciding=True)


@transaction.atomic
def inform(*, number: str, who: str, words: str, act: Act) -> None:
    """
    Note the objection of a contact of the account: information for the reviewers.

    ``who`` is the contact's identifier, seen by the reviewers and by the account; from where it
    was said is for the reviewers alone.

    :raises CaseOver: when no such case is running
    """
    found = of_number(number)
    if found is None:
        raise CaseOver
    case = lock_case(found)
    if case.state not in RUNNING:
        raise CaseOver
    _object(case, Objection.By.CONTACT, who, words, act, deciding=False)


def confirm(*, secret: str, act: Act) -> None:
    """
    Confirm, from the contact address that was said to be lost, that the case is the owner's own.

    :raises NoticeLinkNotValid: when it is unknown, the case closed, the address given up
    :raises CannotConfirm: for any other address, and where a factor would be removed
    """
    found = notice_of(secret)
    if found is None:
        raise NoticeLinkNotValid
    with transaction.atomic():
        case, notice = _locked_notice(found, secret, act.now)
        if not can_confirm(notice):
            raise CannotConfirm
        if case.confirmed_at is None:
            case.confirmed_at = act.now
            record("case.confirmed", case, act=act, address=notice.address)
        if case.state == Case.State.APPROVED:
            set_due(case)
        case.save(update_fields=["confirmed_at", "due_at"])


def can_confirm(notice: Notice) -> bool:
    """Tell whether a notice went to what is, and was when the case opened, the contact address."""
    case = notice.case
    if case.kind != "address_lost" or case.account_id is None or case.opened_at is None:
        return False
    account = profile(case.account_id)
    older = account.email_proven_at < case.opened_at
    return notice.primary and older and account.email == notice.address


def works(notice: Notice, *, now: datetime) -> bool:
    """
    Tell whether a notice's link can still do something.

    Not once its address is the account's no more: a thief's, say, after the change was undone.
    """
    case = notice.case
    if case.state not in RUNNING or case.account_id is None:
        return False
    return may_contest(profile(case.account_id), notice.address, now=now)


def _locked_notice(found: Notice, secret: str, now: datetime) -> tuple[Case, Notice]:
    case = lock_case(found.case)
    notice = notice_of(secret)
    # What took effect meanwhile has voided the link.
    if notice is None:
        raise NoticeLinkNotValid
    notice.case = case
    if not works(notice, now=now):
        raise NoticeLinkNotValid
    return case, notice


def _said_before(objection: Objection, words: str) -> bool:
    """Tell whether it is no new objection; a contact alone may have more to say."""
    case, name = objection.case, sealing.of_objection(objection)
    rows = Objection.objects.filter(case=case, by=objection.by, who=objection.who)
    if objection.deciding:
        return rows.exists()
    return any(sealing.words_of(case, row.words, name=name) == words for row in rows)


def _object(
    case: Case,
    by: Objection.By,
    who: str,
    words: str,
    act: Act,
    *,
    deciding: bool,
) -> None:
    words = words[:WORDS_KEPT]
    objection = Objection(
        case=case, by=by, deciding=deciding, who=who, ip=act.origin.ip, at=act.now
    )
    if _said_before(objection, words):
        return
    objection.words = sealing.seal_words(case, words, name=sealing.of_objection(objection))
    objection.save(force_insert=True)
    seen = act.origin if deciding else NOWHERE
    record("case.objected", case, act=Act(seen, act.now), by=by, address=who or None)
    if deciding and case.contested_at is None:
        case.contested_at = act.now
        case.save(update_fields=["contested_at"])
        if case.state == Case.State.APPROVED:
            reopen(case)
    elif case.state == Case.State.APPROVED:
        # An objection of any kind ends a waiver.
        set_due(case)
        case.save(update_fields=["due_at"])
