"""The provider's people, and the ledger of what they do."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from nichandle.platform.kernel.fields import FoldedField


class StaffMember(models.Model):
    """
    Somebody who works for the provider: no customer, and no account is theirs by this.

    ``role`` is what they do, one of ``roles.ROLES``; none does what another is for. The table has
    the name it had when there were reviewers only, so that a release before this one can use it.
    """

    class Role(models.TextChoices):
        REVIEWER = "reviewer"
        BILLING = "billing"
        ADMINISTRATOR = "administrator"

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.CharField(max_length=80)
    email = models.CharField(max_length=254)
    email_key = FoldedField(max_length=254, unique=True)
    password = models.CharField(max_length=255, blank=True)
    setup_digest = FoldedField(max_length=64, unique=True, null=True)
    setup_expires_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    role = FoldedField(max_length=16, default="reviewer", db_default="reviewer")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "cases_reviewer"
        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=["reviewer", "billing", "administrator"]),
                name="staff_role_known",
            ),
        )


class StaffEntry(models.Model):
    """
    One act of a member of the staff; written with the act, never changed.

    ``what`` is one of ``ledger.STAFF_ACTS``, ``subject`` a number or identifier that it was about.
    ``member`` is None where the operator acted, by command.
    """

    member = models.ForeignKey(StaffMember, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    what = FoldedField(max_length=32)
    subject = models.CharField(max_length=254, blank=True)
    details = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["member", "-id"], name="staff_entries_of_member"),
            models.Index(fields=["subject", "-id"], name="staff_entries_about"),
        )
