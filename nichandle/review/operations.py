"""Signing reviewers in and out: one hash for known and unknown, short sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.accounts import passwords
from nichandle.cases import reviewers
from nichandle.cases.models import Reviewer
from nichandle.kernel import addresses, tokens
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.limits.operations import check, spend
from nichandle.review.models import ReviewerSession

LASTS = timedelta(hours=8)
IDLE = timedelta(minutes=30)
TOUCHED_EVERY = timedelta(minutes=1)


class ReviewerSigninFailed(Refused):
    code = "review.signin_failed"
    message = _("The address or the password is not right. Check both and try again.")
    counted = True


@dataclass(frozen=True, slots=True)
class Entered:
    """A session just opened; its key goes into the cookie and nowhere else."""

    key: str
    expires_at: datetime


def sign_in(
    *, email: str, password: str, origin: Origin, now: datetime, replaces: str | None = None
) -> Entered:
    """
    Sign a reviewer in; the session the browser had ends.

    :raises ReviewerSigninFailed: counted
    :raises Exhausted: after too many failures
    """
    key = addresses.key(email)
    check(("review.network", origin.network), ("review.signin", key), now=now)
    found = reviewers.by_address(email)
    # Somebody unknown, dismissed or not set up costs the same hash.
    right = passwords.verify(password, found.password if found and found.active else "")
    if found is None or not right:
        spend("review.network", key=origin.network, now=now)
        spend("review.signin", key=key, now=now)
        raise ReviewerSigninFailed
    return _open(found.pk, replaces=replaces, now=now)


def set_up(*, secret: str, password: str, now: datetime) -> Entered:
    """
    Set the password with the one-time link; every session there was ends.

    :raises SetupLinkNotValid: when the link is unknown, used or too old
    :raises Refused: when the rules refuse the password; the link stays good
    """
    found = reviewers.invited(secret, now=now)
    if found is None:
        raise reviewers.SetupLinkNotValid
    passwords.check(password, own=[found.email, found.name])
    encoded, _length_class = passwords.hash_password(password)
    with transaction.atomic():
        reviewer_id = reviewers.set_password(secret=secret, encoded=encoded, now=now)
        end_all(reviewer_id)
        return _open(reviewer_id, replaces=None, now=now)


def sign_out(key: str) -> None:
    ReviewerSession.objects.filter(digest=tokens.digest(key)).delete()


def end_all(reviewer_id: UUID) -> None:
    """End every session of a reviewer."""
    ReviewerSession.objects.filter(reviewer_id=reviewer_id).delete()


def signed_in(key: str | None, *, now: datetime) -> Reviewer | None:
    """Return whose session a key opens; None when it has ended, or they work here no more."""
    if not key:
        return None
    rows = ReviewerSession.objects.select_related("reviewer").filter(digest=tokens.digest(key))
    session = rows.filter(expires_at__gt=now, last_used_at__gt=now - IDLE).first()
    if session is None or not session.reviewer.active:
        return None
    if now - session.last_used_at > TOUCHED_EVERY:
        ReviewerSession.objects.filter(pk=session.pk).update(last_used_at=now)
    return session.reviewer


def clear_old(*, now: datetime) -> int:
    """Delete sessions that ended, and return how many there were."""
    ended, _rows = ReviewerSession.objects.filter(expires_at__lt=now).delete()
    return ended


def _open(reviewer_id: UUID, *, replaces: str | None, now: datetime) -> Entered:
    minted = tokens.mint()
    if replaces:
        sign_out(replaces)
    ReviewerSession.objects.create(
        reviewer_id=reviewer_id,
        digest=minted.digest,
        created_at=now,
        last_used_at=now,
        expires_at=now + LASTS,
    )
    return Entered(minted.secret, now + LASTS)
