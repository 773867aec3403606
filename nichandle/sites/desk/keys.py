"""Reviewers' security keys: asked, proven, registered, removed."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.factors import ceremony
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.ceremony import Ceremony, KeyNotRight, NewKey
from nichandle.identity.factors.models import NAME_LENGTH
from nichandle.identity.factors.operations import KeyKnown, spend_challenge
from nichandle.identity.staff import ledger, people
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import run_together
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.text import clean
from nichandle.platform.limits.operations import check, spending
from nichandle.sites.desk import browsers, mails, reviewer_sessions
from nichandle.sites.desk.models import ReviewerKey, ReviewerSession
from nichandle.sites.desk.queries import key_demanded, key_of, keys_of, usable
from nichandle.sites.desk.visits import ReviewerVisit

log = logging.getLogger("nichandle.sites.desk")
MAY_ADD_FOR = timedelta(minutes=5)
MOST = 10
"""Keys of one reviewer: more than anybody needs."""


class ReviewerKeyWrong(Refused):
    code = "review.key_wrong"
    message = _("This key was not accepted. Use it once more, or another one of yours.")


class ReviewerKeyCopied(Refused):
    """The counter went back: there are two of this key."""

    code = "review.key_copied"
    message = _(
        "There seems to be a copy of this key: it is no longer accepted here. Use another one, or "
        "ask the operator for a new link."
    )
    counted = True


class ReviewerKeyGone(Refused):
    code = "review.key_gone"
    message = _("This key is no longer there.")
    status = 404


class ReviewerLastKey(Refused):
    code = "review.last_key"
    message = _("This is the only key that signs you in: add another one before you remove it.")


class ReviewerKeysMany(Refused):
    code = "review.keys_many"
    message = _("You have very many keys already. Remove one you no longer use.")


class ReviewerProofGone(Refused):
    code = "review.proof_gone"
    message = _(
        "Too much time has passed, or this was done already: see your keys here. Begin again if "
        "one is missing."
    )


class _Copied(Exception):
    def __init__(self, key: ReviewerKey) -> None:
        self.key = key


def ask_to_register(reviewer: StaffMember, *, anew: bool = False, now: datetime) -> Ceremony:
    """Ask for a new key; ``anew`` when those there are will be removed, and may come back."""
    return ceremony.ask_to_register(
        reviewer.pk,
        handle=reviewer.email,
        name=reviewer.name,
        keys=[] if anew else keys_of(reviewer.pk),
        # Beside the password it need not be one that the customers' sign-in page would offer.
        passkey=False,
        now=now,
    )


def ask_to_add(session: ReviewerSession, *, now: datetime) -> Ceremony:
    """Ask for a key that is registered, so that another one may be added."""
    keys = usable(keys_of(session.reviewer_id))
    return ceremony.ask_to_prove(purpose=_to_add(session), keys=keys, verified=False, now=now)


def ask_to_remove(session: ReviewerSession, key: ReviewerKey, *, now: datetime) -> Ceremony:
    """
    Ask for another key than the one that goes: then one is left that is there and works.

    :raises ReviewerLastKey: when there is none, and one is needed
    """
    keys = _may_remove(key, keys_of(session.reviewer_id))
    purpose = _to_remove(session, key)
    return ceremony.ask_to_prove(purpose=purpose, keys=keys, verified=False, now=now)


def registered(reviewer_id: UUID, answer: Answer, *, now: datetime) -> NewKey:
    """
    Return the new key of a right answer; no statement.

    :raises KeyTooLate: when the question is too old
    :raises ReviewerKeyWrong: when the answer is not one to our question, from our site
    """
    try:
        return ceremony.registered(answer.response, answer.state, owner_id=reviewer_id, now=now)
    except KeyNotRight as wrong:
        raise ReviewerKeyWrong from wrong


def write(reviewer_id: UUID, new: NewKey, *, name: str, now: datetime) -> ReviewerKey:
    """
    Keep a key that was registered; call it with the reviewer's row locked.

    :raises ReviewerKeyWrong: when the question was answered before
    :raises ReviewerKeysMany: when there are very many already
    :raises KeyKnown: when some reviewer has this key already
    """
    if len(keys_of(reviewer_id)) >= MOST:
        raise ReviewerKeysMany
    made = ReviewerKey(
        reviewer_id=reviewer_id,
        name=clean(name)[:NAME_LENGTH],
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        transports=new.transports,
        created_at=now,
    )
    try:
        spend_challenge(new.challenge, now=now)
        with transaction.atomic():
            made.save(force_insert=True)
    except KeyNotRight as wrong:
        raise ReviewerKeyWrong from wrong
    except IntegrityError as twice:
        raise KeyKnown from twice
    return made


def proven(
    reviewer: StaffMember,
    answer: Answer,
    among: list[ReviewerKey],
    *,
    purpose: str,
    visit: ReviewerVisit,
) -> ReviewerKey:
    """
    Return which of these keys has answered; a wrong answer is counted.

    Call it inside ``counting``, with the reviewer's row locked: simultaneous tries come one after
    the other.

    :raises ReviewerKeyWrong, ReviewerKeyCopied: counted
    :raises KeyTooLate: when the question is too old
    :raises Exhausted: after too many wrong answers
    """
    known = browsers.knows_reviewer(reviewer.pk, visit.browser)
    key = f"{reviewer.pk} {visit.browser}" if known else str(reviewer.pk)
    check(("review.key", key), now=visit.now)
    refusal: Refused
    try:
        return _answered(answer, among, purpose=purpose, now=visit.now)
    except KeyNotRight:
        refusal = ReviewerKeyWrong(counted=True)
        log.info("a wrong answer for a key of reviewer %s, %s", reviewer.email, visit.origin.ip)
    except _Copied as copied:
        refusal = ReviewerKeyCopied()
        _note_copy(reviewer, copied.key, visit)
    run_together([spending("review.key", key=key, now=visit.now)])
    raise refusal


def allow_adding(session: ReviewerSession, answer: Answer, visit: ReviewerVisit) -> None:
    """
    Let this session register one more key, for five minutes, because one there is has answered.

    :raises ReviewerKeyWrong, ReviewerKeyCopied: counted
    :raises KeyTooLate: when the question is too old
    :raises Exhausted: after too many wrong answers
    """
    with counting():
        reviewer, session = _locked_session(session)
        among = usable(keys_of(reviewer.pk))
        proven(reviewer, answer, among, purpose=_to_add(session), visit=visit)
        session.may_add_until = visit.now + MAY_ADD_FOR
        session.save(update_fields=["may_add_until"])


def may_add(session: ReviewerSession, *, now: datetime) -> bool:
    return session.may_add_until is not None and now < session.may_add_until


@transaction.atomic
def add(session: ReviewerSession, answer: Answer, *, name: str, visit: ReviewerVisit) -> None:
    """
    Register one more key; every other session of the reviewer ends, and they are told.

    :raises ReviewerProofGone: when no key has answered within five minutes, or one was added since
    :raises ReviewerKeyWrong: when the answer is not one to our question, from our site
    :raises KeyTooLate: when the question is too old
    :raises KeyKnown: when some reviewer has this key already
    :raises ReviewerKeysMany: when there are very many already
    """
    new = registered(session.reviewer_id, answer, now=visit.now)
    reviewer, session = _locked_session(session)
    if not may_add(session, now=visit.now):
        raise ReviewerProofGone
    made = write(reviewer.pk, new, name=name, now=visit.now)
    session.may_add_until = None
    session.save(update_fields=["may_add_until"])
    reviewer_sessions.end_all(reviewer.pk, but=session.pk)
    mails.write(reviewer, "review/mail/key_added", name=made.name, visit=visit)
    ledger.enter("staff.key_added", member_id=reviewer.pk, act=visit, details={"name": made.name})
    log.info("reviewer %s added the key “%s”, %s", reviewer.email, made.name, visit.origin.ip)


def remove(session: ReviewerSession, key_id: int, answer: Answer, visit: ReviewerVisit) -> None:
    """
    Take a key away, against the answer of another; other sessions end, and its owner is told.

    The last one goes only where none is demanded, and against its own answer.

    :raises ReviewerKeyGone: when the reviewer has no such key
    :raises ReviewerLastKey: when no other is left, and one is needed
    :raises ReviewerKeyWrong, ReviewerKeyCopied: counted
    :raises KeyTooLate: when the question is too old
    :raises Exhausted: after too many wrong answers
    """
    with counting():
        reviewer, session = _locked_session(session)
        key = key_of(reviewer.pk, key_id)
        if key is None:
            raise ReviewerKeyGone
        among = _may_remove(key, keys_of(reviewer.pk))
        proven(reviewer, answer, among, purpose=_to_remove(session, key), visit=visit)
        key.delete()
        reviewer_sessions.end_all(reviewer.pk, but=session.pk)
        mails.write(reviewer, "review/mail/key_removed", name=key.name, visit=visit)
        told = {"name": key.name}
        ledger.enter("staff.key_removed", member_id=reviewer.pk, act=visit, details=told)
        log.info("reviewer %s removed the key “%s”, %s", reviewer.email, key.name, visit.origin.ip)


def remove_all(reviewer_id: UUID) -> None:
    """Take every key away, as a new link of the operator does."""
    ReviewerKey.objects.filter(reviewer_id=reviewer_id).delete()


def _answered(
    answer: Answer, among: list[ReviewerKey], *, purpose: str, now: datetime
) -> ReviewerKey:
    named = ceremony.named_in(answer.response)
    key = next((one for one in among if one.credential_id == named), None)
    if key is None:
        raise KeyNotRight
    # With the password before it, the key need not make sure of its owner.
    found = ceremony.proven(
        key,
        answer.response,
        answer.state,
        owner_id=key.reviewer_id,
        purpose=purpose,
        verified=False,
        now=now,
    )
    spend_challenge(found.challenge, now=now)
    if found.from_a_copy(key.sign_count):
        raise _Copied(key)
    key.sign_count, key.last_used_at = found.sign_count, now
    key.save(update_fields=["sign_count", "last_used_at"])
    return key


def _note_copy(reviewer: StaffMember, key: ReviewerKey, visit: ReviewerVisit) -> None:
    # Either of the two may be the thief's, and may be signed in: both are out.
    key.copied_at = visit.now
    key.save(update_fields=["copied_at"])
    reviewer_sessions.end_all(reviewer.pk)
    mails.write(reviewer, "review/mail/key_copied", name=key.name, visit=visit)
    ledger.enter("staff.key_copied", member_id=reviewer.pk, act=visit, details={"name": key.name})
    log.warning(
        "a copy of the key “%s” of reviewer %s was refused, %s",
        key.name,
        reviewer.email,
        visit.origin.ip,
    )


def _may_remove(key: ReviewerKey, keys: list[ReviewerKey]) -> list[ReviewerKey]:
    """Return the keys that may take this one away."""
    others = [one for one in usable(keys) if one.pk != key.pk]
    if not others and (key_demanded() or key.copied_at):
        raise ReviewerLastKey
    return others or [key]


def _locked_session(session: ReviewerSession) -> tuple[StaffMember, ReviewerSession]:
    """
    Return the reviewer with their row locked, and the session as it is now.

    :raises ReviewerProofGone: when it ended a moment ago
    """
    reviewer = people.lock_member(session.reviewer_id)
    found = ReviewerSession.objects.filter(pk=session.pk).first()
    if reviewer is None or found is None:
        raise ReviewerProofGone
    return reviewer, found


def _to_add(session: ReviewerSession) -> str:
    return f"review add {session.digest}"


def _to_remove(session: ReviewerSession, key: ReviewerKey) -> str:
    return f"review remove {key.pk} {session.digest}"
