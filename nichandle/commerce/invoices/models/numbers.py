"""What the register of VAT numbers has said."""

from django.db import models
from django.db.models import Q

from nichandle.platform.kernel.fields import FoldedField


class VatAnswer(models.Model):
    """
    What VIES said last of a VAT number: ``valid`` or ``invalid``, when, under which consultation.

    ``next_try_at`` is when the worker asks about it, where that is wanted; ``silent_at`` when no
    answer came for the last time, and ``trouble`` what came in its place.
    """

    number = FoldedField(max_length=20, unique=True)
    answer = FoldedField(max_length=8, blank=True)
    answered_at = models.DateTimeField(null=True)
    consultation = FoldedField(max_length=32, blank=True)
    silent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=80, blank=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | Q(answer__in=["valid", "invalid"], answered_at__isnull=False),
                name="invoices_vat_answered",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="invoices_vat_due",
            ),
        )
