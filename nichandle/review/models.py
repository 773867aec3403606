"""Reviewers' sessions, apart from those of customers."""

from django.db import models

from nichandle.cases.models import Reviewer
from nichandle.kernel.fields import FoldedField


class ReviewerSession(models.Model):
    """One signed-in reviewer. Its key is known to the browser alone; here is only the digest."""

    reviewer = models.ForeignKey(Reviewer, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
