"""Bank statements that were taken, and their lines."""

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from nichandle.commerce.payments.models.owed import Receivable
from nichandle.commerce.payments.references import shown
from nichandle.commerce.payments.words import LINE_STATES
from nichandle.platform.kernel.fields import FoldedField
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording.languages import current


class TakenStatement(models.Model):
    """A bank statement that was taken: the same one is taken once."""

    iban = FoldedField(max_length=34)
    number = FoldedField(max_length=80)
    currency = FoldedField(max_length=3)
    opening_minor = models.BigIntegerField(null=True)
    closing_minor = models.BigIntegerField(null=True)
    taken_at = models.DateTimeField()
    by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["iban", "number"], name="payments_statement_once"),
        )


class BankLine(models.Model):
    """
    One line of a statement, and what became of it; ``key`` is its own in all statements.

    ``by`` and ``words`` are of the person who decided; empty where nothing was in doubt.
    """

    statement = models.ForeignKey(
        TakenStatement, models.PROTECT, related_name="lines", db_index=False
    )
    key = FoldedField(max_length=64, unique=True)
    amount_minor = models.BigIntegerField()
    currency = FoldedField(max_length=3)
    booked_on = models.DateField()
    reference = models.CharField(max_length=35, blank=True)
    text = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=140, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    taken_back = models.BooleanField(default=False)
    state = FoldedField(max_length=8, default="waiting")
    receivable = models.ForeignKey(
        Receivable, models.PROTECT, null=True, related_name="+", db_index=False
    )
    words = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=list(LINE_STATES)), name="payments_line_known"
            ),
        )
        indexes = (
            models.Index(fields=["statement", "id"], name="payments_lines_of"),
            models.Index(
                fields=["id"], condition=Q(state="waiting"), name="payments_lines_waiting"
            ),
            models.Index(
                fields=["-decided_at", "-id"], condition=~Q(by=""), name="payments_lines_decided"
            ),
        )

    @property
    def amount(self) -> Money:
        return Money.of_minor(self.amount_minor, self.currency)

    @property
    def iban_shown(self) -> str:
        """The IBAN in groups of four (ISO 13616)."""
        return shown(self.iban)

    @property
    def shown(self) -> str:
        """The amount as the reader writes it."""
        return self.amount.shown(current())

    @property
    def state_word(self) -> str | Promise:
        return LINE_STATES[self.state]
