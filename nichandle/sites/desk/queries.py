"""Reading reviewers' keys."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from nichandle.sites.desk.models import ReviewerKey

ROLE = "reviewer"
"""Among the roles of ``NICHANDLE_STAFF_KEY``."""


def key_demanded() -> bool:
    """Tell whether the operator wants a key of every reviewer."""
    return ROLE in settings.NICHANDLE_STAFF_KEY


def keys_of(reviewer_id: UUID) -> list[ReviewerKey]:
    """Return a reviewer's keys, oldest first."""
    return list(ReviewerKey.objects.filter(reviewer_id=reviewer_id).order_by("created_at", "pk"))


def usable(keys: Iterable[ReviewerKey]) -> list[ReviewerKey]:
    """Return those that are still accepted."""
    return [key for key in keys if key.copied_at is None]


def key_of(reviewer_id: UUID, key_id: int) -> ReviewerKey | None:
    """Return one of a reviewer's keys; None when they have no such one."""
    return ReviewerKey.objects.filter(reviewer_id=reviewer_id, pk=key_id).first()


def with_usable_key() -> set[UUID]:
    """Return the reviewers who have a key that is accepted."""
    rows = ReviewerKey.objects.filter(copied_at=None)
    return set(rows.values_list("reviewer_id", flat=True))
