"""What has been spent of each allowance."""

from django.db import models

from nichandle.platform.kernel.fields import FoldedField


class Allowance(models.Model):
    """
    How much of one limit one key has spent since its window began.

    The key is a keyed digest: the table tells nobody whose address or network was limited.
    """

    name = FoldedField(max_length=64)
    key_digest = FoldedField(max_length=64)
    started_at = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["name", "key_digest"], name="limits_one_per_key"),
        )
        indexes = (models.Index(fields=["started_at"], name="limits_started"),)
