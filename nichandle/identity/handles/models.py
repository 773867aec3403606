"""The ledger of identifiers."""

from django.db import models
from django.db.models import Q

from nichandle.platform.kernel.fields import FoldedField


class Handle(models.Model):
    """
    One identifier, or an alias of one; kept for ever, whatever becomes of the account.

    Identifiers and aliases share the table and its unique key, so that no text can mean two.
    """

    class Kind(models.TextChoices):
        ISSUED = "issued"
        IMPORTED = "imported"
        ALIAS = "alias"

    key = FoldedField(max_length=32, unique=True)
    text = models.CharField(max_length=32)
    kind = models.CharField(max_length=8, choices=Kind)
    alias_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="aliases")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="alias", alias_of__isnull=False)
                | (~Q(kind="alias") & Q(alias_of__isnull=True)),
                name="handles_alias_has_main",
            ),
        )
