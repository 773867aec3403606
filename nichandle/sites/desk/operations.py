"""Signing reviewers in and out: a password, then a security key; one hash for known and unknown."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from nichandle.identity.accounts import passwords
from nichandle.identity.cases.review import places
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.ceremony import Ceremony, ask_to_prove
from nichandle.identity.staff import ledger, people
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.durations import MINUTE, whole
from nichandle.platform.kernel.wording.figures import Number, with_figures
from nichandle.platform.limits.operations import check, spend
from nichandle.sites.desk import browsers, keys, mails, reviewer_sessions
from nichandle.sites.desk.models import HalfSignin
from nichandle.sites.desk.queries import key_demanded, keys_of, usable
from nichandle.sites.desk.visits import ReviewerEntered, ReviewerHalfway, ReviewerVisit

log = logging.getLogger("nichandle.sites.desk")
HALF_FOR = timedelta(minutes=5)


class ReviewerSigninFailed(Refused):
    code = "review.signin_failed"
    message = _("The address or the password is not right. Check both and try again.")
    counted = True


class ReviewerKeyMissing(Refused):
    """The password was right; without a key it opens nothing, and registers none."""

    code = "review.key_missing"
    message = _(
        "You have no security key that is accepted here. Ask the operator for a new link: it sets "
        "a password and a key."
    )
    status = 403


class HalfSigninGone(Refused):
    code = "review.half_gone"
    message = with_figures(
        ngettext_lazy(
            "A minute has passed, or this sign-in is over. Begin again.",
            "%(minutes)s minutes have passed, or this sign-in is over. Begin again.",
            "count",
        ),
        minutes=Number(whole(HALF_FOR, MINUTE)),
        count=whole(HALF_FOR, MINUTE),
    )
    status = 410


def sign_in(
    *, email: str, password: str, visit: ReviewerVisit
) -> ReviewerEntered | ReviewerHalfway:
    """
    Check a reviewer's password; what is missing then is the answer of a key, or nothing.

    Failures in a browser the reviewer has signed in with before are counted apart from strangers'.

    :raises ReviewerSigninFailed: counted
    :raises ReviewerKeyMissing: when a key is needed and there is none
    :raises Exhausted: after too many failures
    """
    key, network, now = addresses.key(email), visit.origin.network, visit.now
    known, here = browsers.knows(key, visit.browser), f"{key} {visit.browser}"
    if known:
        check(("review.browser", here), now=now)
    else:
        check(("review.network", network), ("review.signin", key), now=now)
    found = people.by_address(email)
    # Somebody unknown, dismissed or not set up costs the same hash.
    right = passwords.verify(password, found.password if found and found.active else "")
    if found is not None and right:
        return _enter(found, visit)
    if known:
        spend("review.browser", key=here, now=now)
    else:
        spend("review.network", key=network, now=now)
        spend("review.signin", key=key, now=now)
    raise ReviewerSigninFailed


def waiting(half: str, *, now: datetime) -> HalfSignin | None:
    """Return the sign-in that a browser has half done; None when it has none."""
    rows = HalfSignin.objects.filter(digest=tokens.digest(half), expires_at__gt=now)
    return rows.first() if half else None


def ask_for_key(half: HalfSignin, *, now: datetime) -> Ceremony:
    """
    Ask for a key of the reviewer whose password was right.

    :raises ReviewerKeyMissing: when none is accepted any more
    """
    present = usable(keys_of(half.reviewer_id))
    if not present:
        raise ReviewerKeyMissing
    return ask_to_prove(purpose=_purpose(half), keys=present, verified=False, now=now)


def give_key(answer: Answer, visit: ReviewerVisit) -> ReviewerEntered:
    """
    Answer with a key and be signed in.

    :raises HalfSigninGone: when this browser has no sign-in half done, or no longer
    :raises ReviewerKeyWrong, ReviewerKeyCopied: counted
    :raises Exhausted: after too many wrong answers
    """
    with counting():
        begun = waiting(visit.half, now=visit.now)
        reviewer = people.lock_member(begun.reviewer_id) if begun else None
        # Looked for once more with the reviewer's row locked: it may have been answered meanwhile.
        half = waiting(visit.half, now=visit.now)
        if reviewer is None or half is None:
            raise HalfSigninGone
        among = usable(keys_of(reviewer.pk))
        keys.proven(reviewer, answer, among, purpose=_purpose(half), visit=visit)
        half.delete()
        ledger.enter("staff.signed_in", member_id=reviewer.pk, act=visit)
        log.info("reviewer %s signed in with a key, %s", reviewer.email, visit.origin.ip)
        return reviewer_sessions.begin(reviewer.pk, visit, by_key=True)


def set_up(
    *, secret: str, password: str, answer: Answer | None, name: str, visit: ReviewerVisit
) -> ReviewerEntered:
    """
    Use the operator's link up: set the password and, where one is demanded, register the key.

    Both or none. Keys there were are removed, every session ends, no browser is known any more.

    :raises SetupLinkNotValid: when the link is unknown, used or too old
    :raises ReviewerKeyWrong, KeyTooLate, KeyKnown: when no key was registered; the link stays good
    :raises Refused: when the rules refuse the password; the link stays good, and the key was right
    """
    now, new, named = visit.now, None, ""
    found = people.invited(secret, now=now)
    if found is None:
        raise people.SetupLinkNotValid
    if key_demanded():
        new = keys.registered(found.pk, answer or Answer("key"), now=now)
    spend("password.judge", key=visit.origin.network, now=now)
    passwords.check(password, own=[found.email, found.name])
    encoded, _length_class = passwords.hash_password(password)
    with transaction.atomic():
        reviewer_id = people.set_password(secret=secret, encoded=encoded, now=now)
        _end_everything(reviewer_id)
        if new is not None:
            named = keys.write(reviewer_id, new, name=name, now=now).name
        mails.write(found, "review/mail/set_up", name=named, visit=visit)
        ledger.enter("staff.set_up", member_id=reviewer_id, act=visit, details={"name": named})
        log.info("reviewer %s is set up by a link, %s", found.email, visit.origin.ip)
        return reviewer_sessions.begin(reviewer_id, visit, by_key=new is not None)


@transaction.atomic
def sign_out(visit: ReviewerVisit) -> None:
    """End the session of a browser."""
    session = reviewer_sessions.found(visit.session, now=visit.now)
    if session is not None:
        ledger.enter("staff.signed_out", member_id=session.reviewer_id, act=visit)
    reviewer_sessions.end(visit.session)


@transaction.atomic
def dismiss(*, email: str, now: datetime, by: UUID | None = None, act: Act | None = None) -> None:
    """
    End somebody's access at once: sessions, keys, known browsers, and their places in cases.

    :raises NoSuchReviewer: when nobody has this address
    :raises NotYourRight: when ``by`` is no administrator any more
    :raises NotYourself: when it is their own access
    """
    _end_everything(places.dismiss(email=email, now=now, by=by, act=act))


def clear_old(*, now: datetime) -> int:
    """Delete what has ended, and return how many sessions there were."""
    HalfSignin.objects.filter(expires_at__lt=now).delete()
    browsers.forget_old(now=now)
    return reviewer_sessions.clear_old(now=now)


def _enter(found: StaffMember, visit: ReviewerVisit) -> ReviewerEntered | ReviewerHalfway:
    with transaction.atomic():
        reviewer = people.lock_member(found.pk)
        if reviewer is None or reviewer.password != found.password:
            # Dismissed or set up anew while the password was being checked.
            raise ReviewerSigninFailed(counted=False)
        present = keys_of(reviewer.pk)
        if not present and not key_demanded():
            ledger.enter("staff.signed_in", member_id=reviewer.pk, act=visit)
            log.info("reviewer %s signed in, %s", reviewer.email, visit.origin.ip)
            return reviewer_sessions.begin(reviewer.pk, visit, by_key=False)
        if not usable(present):
            raise ReviewerKeyMissing
        return _begin_half(reviewer.pk, visit)


def _begin_half(reviewer_id: UUID, visit: ReviewerVisit) -> ReviewerHalfway:
    minted = tokens.mint()
    if visit.half:
        HalfSignin.objects.filter(digest=tokens.digest(visit.half)).delete()
    HalfSignin.objects.create(
        reviewer_id=reviewer_id,
        digest=minted.digest,
        created_at=visit.now,
        expires_at=visit.now + HALF_FOR,
    )
    return ReviewerHalfway(minted.secret)


def _end_everything(reviewer_id: UUID) -> None:
    reviewer_sessions.end_all(reviewer_id)
    HalfSignin.objects.filter(reviewer_id=reviewer_id).delete()
    keys.remove_all(reviewer_id)
    browsers.forget(reviewer_id)


def _purpose(half: HalfSignin) -> str:
    """Return what a key is asked for: its answer to one sign-in is worth nothing in another."""
    return f"review signin {half.digest}"
