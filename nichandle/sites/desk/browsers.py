"""The browsers in which reviewers have signed in: strangers' failures never close these."""

from datetime import datetime, timedelta
from uuid import UUID

from nichandle.platform.kernel import tokens
from nichandle.sites.desk.models import ReviewerBrowser

FORGOTTEN_AFTER = timedelta(days=365)


def knows(email_key: str, browser: str) -> bool:
    """Tell whether whoever has an address has signed in here; the same work for the unknown."""
    rows = ReviewerBrowser.objects.filter(reviewer__email_key=email_key, reviewer__active=True)
    return rows.filter(digest=tokens.digest(browser)).exists() and bool(browser)


def knows_reviewer(reviewer_id: UUID, browser: str) -> bool:
    """Tell whether a reviewer has signed in here."""
    rows = ReviewerBrowser.objects.filter(reviewer_id=reviewer_id)
    return bool(browser) and rows.filter(digest=tokens.digest(browser)).exists()


def remember(reviewer_id: UUID, browser: str, *, now: datetime) -> str:
    """Know a browser after a complete sign-in; returns its secret, a new one when it had none."""
    secret = browser or tokens.mint().secret
    ReviewerBrowser.objects.update_or_create(
        reviewer_id=reviewer_id, digest=tokens.digest(secret), defaults={"last_at": now}
    )
    return secret


def forget(reviewer_id: UUID) -> None:
    """Know none of a reviewer's browsers any more."""
    ReviewerBrowser.objects.filter(reviewer_id=reviewer_id).delete()


def forget_old(*, now: datetime) -> None:
    ReviewerBrowser.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
