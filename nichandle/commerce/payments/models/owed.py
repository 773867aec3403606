"""What is owed, the money that moved for it, and what is to go back."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise

from nichandle.commerce.payments.places import CausePage, place_of
from nichandle.commerce.payments.references import reference_of
from nichandle.commerce.payments.words import (
    MEANS,
    MOVEMENTS,
    REFUND_REASONS,
    REFUND_STATES,
    STATE_KINDS,
    STATES,
)
from nichandle.platform.kernel.fields import FoldedField
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording.languages import current


class Receivable(models.Model):
    """
    What one account owes for one cause, such as an order.

    ``paid_minor`` is what has come in for it and was not taken back, never more than is owed;
    what goes back of that is first promised (``refunding_minor``), then gone
    (``refunded_minor``). What came in beyond is the account's credit (``credit_minor``). All four
    are sums over the movements, kept beside them so that the database itself holds the bounds.
    ``announced_at`` is when the customer chose to pay it by transfer, which takes days.
    """

    number = FoldedField(max_length=10, unique=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    handle = models.CharField(max_length=16)
    cause = FoldedField(max_length=40, unique=True)
    title = models.CharField(max_length=160)
    currency = FoldedField(max_length=3)
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    refunding_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    credit_minor = models.BigIntegerField(default=0)
    state = FoldedField(max_length=9, default="open")
    means = FoldedField(max_length=8, blank=True)
    due_date = models.DateField()
    announced_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_amount_owed"),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, paid_minor__lte=F("amount_minor")),
                name="payments_no_more_than_owed",
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("refunding_minor"),
                    refunding_minor__lte=F("paid_minor"),
                ),
                name="payments_no_more_back_than_paid",
            ),
            models.CheckConstraint(condition=Q(credit_minor__gte=0), name="payments_credit_sane"),
            models.CheckConstraint(
                condition=Q(state="open", paid_minor=0)
                | Q(state="partly", paid_minor__gt=0, paid_minor__lt=F("amount_minor"))
                | Q(state="settled", paid_minor=F("amount_minor"))
                | Q(state="refunded", refunded_minor=F("paid_minor"), paid_minor__gt=0)
                | Q(state="cancelled", paid_minor=F("refunding_minor")),
                name="payments_state_true",
            ),
        )
        indexes = (
            models.Index(fields=["account", "-id"], name="payments_of_account"),
            models.Index(
                fields=["account", "currency"],
                condition=Q(credit_minor__gt=0),
                name="payments_credit",
            ),
        )

    @property
    def amount(self) -> Money:
        return Money.of_minor(self.amount_minor, self.currency)

    @property
    def missing_minor(self) -> int:
        """What is still to be paid, in smallest units."""
        return self.amount_minor - self.paid_minor if self.state in {"open", "partly"} else 0

    @property
    def missing(self) -> Money:
        return Money.of_minor(self.missing_minor, self.currency)

    @property
    def paid(self) -> Money:
        return Money.of_minor(self.paid_minor, self.currency)

    @property
    def refunded(self) -> Money:
        return Money.of_minor(self.refunded_minor, self.currency)

    @property
    def credit(self) -> Money:
        return Money.of_minor(self.credit_minor, self.currency)

    @property
    def place(self) -> CausePage | None:
        """The page of what it is owed for; None when there is none."""
        return place_of(self.cause)

    @property
    def missing_shown(self) -> str:
        return self.missing.shown(current())

    @property
    def credit_shown(self) -> str:
        return self.credit.shown(current())

    @property
    def reference(self) -> str:
        """The creditor reference (ISO 11649) that a transfer for it carries."""
        return reference_of(self.number)

    @property
    def state_word(self) -> str | Promise:
        return STATES[self.state]

    @property
    def state_kind(self) -> str:
        return STATE_KINDS[self.state]


class Movement(models.Model):
    """
    One movement of money: written once, never changed.

    ``source`` names what it was learnt from, such as the provider's payment or a line of a bank
    statement: from one source a receivable has each kind of movement once, however often it is
    told.
    """

    receivable = models.ForeignKey(
        Receivable, models.PROTECT, related_name="movements", db_index=False
    )
    kind = FoldedField(max_length=10)
    amount_minor = models.BigIntegerField()
    means = FoldedField(max_length=8)
    source = FoldedField(max_length=120)
    at = models.DateTimeField()
    by = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["receivable", "source", "kind"], name="payments_source_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_moved"),
            models.CheckConstraint(
                condition=Q(kind__in=list(MOVEMENTS)), name="payments_movement_known"
            ),
        )

    @property
    def amount(self) -> Money:
        return Money.of_minor(self.amount_minor, self.receivable.currency)

    @property
    def shown(self) -> str:
        """The amount as the reader writes it."""
        return self.amount.shown(current())

    @property
    def kind_word(self) -> str | Promise:
        return MOVEMENTS[self.kind]

    @property
    def means_word(self) -> str | Promise:
        return MEANS.get(self.means, "")


class Refund(models.Model):
    """
    Money to be sent back by the means it came with: part of one movement that came in.

    ``key`` is the provider's idempotency key: however often the worker asks, it is sent once. Of
    the account's ``credit`` it owes nothing to the receivable any more. ``line`` is the bank's own
    that proves it was sent, where people have sent it. What ``came_back`` had left before, and its
    customer was told then.
    """

    receivable = models.ForeignKey(
        Receivable, models.PROTECT, related_name="refunds", db_index=False
    )
    movement = models.ForeignKey(Movement, models.PROTECT, related_name="refunds", db_index=False)
    amount_minor = models.BigIntegerField()
    credit = models.BooleanField(default=False)
    state = FoldedField(max_length=8, default="waiting")
    key = models.UUIDField(default=uuid4, unique=True)
    provider_ref = FoldedField(max_length=100, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    by = models.CharField(max_length=32, blank=True)
    done_at = models.DateTimeField(null=True)
    came_back = models.BooleanField(default=False, db_default=False)
    line = models.OneToOneField("payments.BankLine", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_refund_moves"),
            models.CheckConstraint(
                condition=Q(state__in=list(REFUND_STATES)), name="payments_refund_known"
            ),
        )
        indexes = (
            models.Index(fields=["receivable", "id"], name="payments_refunds"),
            models.Index(fields=["movement"], name="payments_refunds_of"),
            models.Index(
                fields=["id"], condition=~Q(state="done"), name="payments_refunds_to_send"
            ),
        )

    @property
    def amount(self) -> Money:
        return Money.of_minor(self.amount_minor, self.receivable.currency)

    @property
    def shown(self) -> str:
        return self.amount.shown(current())

    @property
    def state_word(self) -> str | Promise:
        return REFUND_STATES[self.state]

    @property
    def reason_word(self) -> str | Promise:
        return REFUND_REASONS.get(self.reason, self.reason)
