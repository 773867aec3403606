"""Reviewers' keys, browsers and sessions, apart from those of customers."""

from django.db import models

from nichandle.identity.factors.models import NAME_LENGTH
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel.fields import FoldedField


class ReviewerKey(models.Model):
    """
    A reviewer's security key (WebAuthn): we keep the public half only.

    One whose counter went back is no longer accepted: ``copied_at`` is when that was.
    """

    reviewer = models.ForeignKey(StaffMember, models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    credential_id = FoldedField(max_length=1400, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    transports = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    copied_at = models.DateTimeField(null=True)


class HalfSignin(models.Model):
    """
    A sign-in whose password was right and whose key has not answered yet; it opens nothing.

    Bound to its browser by a secret of which here is only the digest; one key's answer ends it.
    """

    reviewer = models.ForeignKey(StaffMember, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)


class ReviewerBrowser(models.Model):
    """A browser in which a reviewer has signed in before, known by a secret of its own."""

    reviewer = models.ForeignKey(StaffMember, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["reviewer", "digest"], name="review_browser_once"),
        )


class ReviewerSession(models.Model):
    """
    One signed-in reviewer. Its key is known to the browser alone; here is only the digest.

    ``by_key`` when a security key answered at its beginning. Until ``may_add_until`` it may
    register one more key, because one that is registered has just answered.
    """

    reviewer = models.ForeignKey(StaffMember, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64, unique=True)
    by_key = models.BooleanField(default=False, db_default=False)
    may_add_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
