"""Reviewers' sessions: short, ended at once, and none without a key where one is demanded."""

from datetime import datetime, timedelta
from uuid import UUID

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import unless_busy
from nichandle.sites.desk import browsers
from nichandle.sites.desk.models import ReviewerSession
from nichandle.sites.desk.queries import key_demanded
from nichandle.sites.desk.visits import ReviewerEntered, ReviewerVisit

LASTS = timedelta(hours=8)
IDLE = timedelta(minutes=30)
TOUCHED_EVERY = timedelta(minutes=1)


def begin(reviewer_id: UUID, visit: ReviewerVisit, *, by_key: bool) -> ReviewerEntered:
    """Open a session after a complete sign-in; the one that the browser had ends."""
    minted = tokens.mint()
    if visit.session:
        end(visit.session)
    ReviewerSession.objects.create(
        reviewer_id=reviewer_id,
        digest=minted.digest,
        by_key=by_key,
        created_at=visit.now,
        last_used_at=visit.now,
        expires_at=visit.now + LASTS,
    )
    return ReviewerEntered(
        minted.secret, browsers.remember(reviewer_id, visit.browser, now=visit.now)
    )


def found(key: str, *, now: datetime) -> ReviewerSession | None:
    """
    Return the session that a key opens; None when it has ended.

    It has ended too when its reviewer works here no more, or when a key is demanded since.
    """
    if not key:
        return None
    rows = ReviewerSession.objects.select_related("reviewer").filter(digest=tokens.digest(key))
    session = rows.filter(expires_at__gt=now, last_used_at__gt=now - IDLE).first()
    if session is None or not session.reviewer.active:
        return None
    if key_demanded() and not session.by_key:
        return None
    if now - session.last_used_at > TOUCHED_EVERY:
        with unless_busy():
            ReviewerSession.objects.filter(pk=session.pk).update(last_used_at=now)
    return session


def end(key: str) -> None:
    ReviewerSession.objects.filter(digest=tokens.digest(key)).delete()


def end_all(reviewer_id: UUID, *, but: int | None = None) -> None:
    """End every session of a reviewer, or all but one."""
    rows = ReviewerSession.objects.filter(reviewer_id=reviewer_id)
    (rows if but is None else rows.exclude(pk=but)).delete()


def clear_old(*, now: datetime) -> int:
    """Delete sessions that ended, and return how many there were."""
    ended, _rows = ReviewerSession.objects.filter(expires_at__lt=now).delete()
    return ended
