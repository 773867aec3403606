"""Orders, their lines, what has happened to them, and withdrawals."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from nichandle.commerce.orders.numbers import made_name
from nichandle.commerce.orders.words import (
    DELIVERIES,
    EVENTS,
    NEW,
    REASONS,
    STATE_KINDS,
    STATES,
)
from nichandle.platform.kernel.fields import FoldedField
from nichandle.platform.kernel.money import Money

NAME_LENGTH = 253
"""As long as the name of a service."""
PURCHASE_ORDER_LENGTH = 40


class Order(models.Model):
    """
    What somebody has asked for, at the price that was shown, on the terms that were accepted.

    ``holder`` and ``quote`` are copies made when it was placed: later changes of the account or
    the catalogue change neither. ``once`` is the form's own key, so that a form sent twice orders
    once. ``purchase_order`` is the number of the buyer's own order, for their invoice (BT-13).
    """

    number = FoldedField(max_length=9, unique=True)
    # Neither needs an index of its own: each is first in one of those below.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    handle = models.CharField(max_length=16)
    state = FoldedField(max_length=12)
    reason = FoldedField(max_length=12, blank=True)
    once = models.UUIDField(default=uuid4)
    language = models.CharField(max_length=8)
    holder = models.JSONField()
    quote = models.JSONField()
    terms = models.JSONField()
    currency = FoldedField(max_length=3)
    net_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    paid_back_minor = models.BigIntegerField(default=0)
    consumer = models.BooleanField()
    at_once_asked = models.BooleanField(default=False)
    placed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    withdrawable_until = models.DateTimeField(null=True)
    purchase_order = models.CharField(
        max_length=PURCHASE_ORDER_LENGTH, blank=True, default="", db_default=""
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "once"], name="orders_form_once"),
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)),
                name="orders_state_known",
            ),
            models.CheckConstraint(
                condition=Q(paid_back_minor__gte=0, paid_back_minor__lte=models.F("gross_minor")),
                name="orders_no_more_back_than_paid",
            ),
        )
        indexes = (
            models.Index(fields=["account", "-id"], name="orders_of_account"),
            models.Index(fields=["account", "state", "-id"], name="orders_by_state"),
            models.Index(fields=["due_at"], condition=Q(state="notPaid"), name="orders_to_expire"),
        )

    @property
    def cause(self) -> str:
        """What payments and invoices know this order by."""
        return f"order:{self.number}"

    @property
    def gross(self) -> Money:
        return Money.of_minor(self.gross_minor, self.currency)

    @property
    def net(self) -> Money:
        return Money.of_minor(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        return self.gross - self.net

    @property
    def paid_back(self) -> Money:
        return Money.of_minor(self.paid_back_minor, self.currency)

    @property
    def last_minute_to_withdraw(self) -> datetime | None:
        """The end of the last day as people write it: 23:59, not 00:00 of the next."""
        return self.withdrawable_until and self.withdrawable_until - timedelta(minutes=1)

    @property
    def state_word(self) -> str | Promise:
        return STATES[self.state]

    @property
    def state_kind(self) -> str:
        return STATE_KINDS[self.state]

    @property
    def reason_word(self) -> str | Promise:
        return REASONS.get(self.reason, "")


class OrderLine(models.Model):
    """
    One product of an order; what is ``lasting`` becomes one service.

    Of the kind ``change`` it changes the plan of a service there is, and ``before`` was its plan.
    ``parts`` is how many lines of the quote it is, ``period_minor`` what a whole period costs.

    ``key`` is the delivery's idempotency key: however often it is asked for, it is done once.
    ``ask_at`` is when it is to be asked for next.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    product = FoldedField(max_length=32)
    family = FoldedField(max_length=16)
    label = models.CharField(max_length=160)
    name = models.CharField(max_length=NAME_LENGTH)
    name_folded = FoldedField(max_length=NAME_LENGTH)
    answers = models.JSONField(default=dict)
    period_months = models.PositiveSmallIntegerField()
    net_minor = models.BigIntegerField()
    period_minor = models.BigIntegerField()
    parts = models.PositiveSmallIntegerField(default=1)
    kind = FoldedField(max_length=8, default=NEW)
    before = FoldedField(max_length=32, blank=True)
    lasting = models.BooleanField()
    withdrawable = models.BooleanField()
    service = models.ForeignKey("services.Service", models.PROTECT, null=True, related_name="+")
    delivery = FoldedField(max_length=8, default="waiting")
    key = models.UUIDField(default=uuid4, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ask_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_once"),
            models.UniqueConstraint(
                fields=["service"], condition=Q(kind="new"), name="orders_service_once"
            ),
            models.CheckConstraint(
                condition=Q(delivery__in=list(DELIVERIES)), name="orders_delivery_known"
            ),
            models.CheckConstraint(
                condition=Q(period_months__gte=1, period_months__lte=36),
                name="orders_period_known",
            ),
        )
        indexes = (
            models.Index(fields=["account", "name_folded", "order"], name="orders_by_name"),
            models.Index(
                fields=["ask_at"], condition=Q(ask_at__isnull=False), name="orders_to_ask"
            ),
        )

    def net_in(self, currency: str) -> Money:
        """Return its price before VAT, set-up included; the currency is the order's."""
        return Money.of_minor(self.net_minor, currency)

    @property
    def named(self) -> bool:
        """Tell whether its name is one that the customer gave, rather than made of its label."""
        made = made_name(self.label, self.order.number, self.position)[:NAME_LENGTH]
        return self.name not in (self.label, made)

    @property
    def title(self) -> str:
        """What it is, and what its customer calls it."""
        return f"{self.label} · {self.name}" if self.named else self.label

    @property
    def delivery_word(self) -> str | Promise:
        return DELIVERIES[self.delivery]


class OrderEvent(models.Model):
    """One line of an order's history."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField()
    act = FoldedField(max_length=20)
    by = models.CharField(max_length=32, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["order", "id"], name="orders_events"),)

    @property
    def sentence(self) -> str:
        details: dict[str, str] = self.details
        return str(EVENTS[self.act]) % details


class Withdrawal(models.Model):
    """
    A consumer's declaration that he withdraws from the contract (code de la consommation, L221-21).

    One made without signing in has its effect only at ``effective_at``: until then whoever reads
    the order's address may contest it, because number and address are no secret. One that would end
    a service which belongs to somebody else by now is held for the operator.
    """

    order = models.OneToOneField(Order, models.PROTECT, related_name="withdrawal")
    name = models.CharField(max_length=200)
    words = models.TextField(blank=True)
    signed_in = models.BooleanField()
    declared_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    digest = FoldedField(max_length=64, unique=True, null=True)
    contested_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["effective_at"],
                condition=Q(contested_at__isnull=True, done_at__isnull=True, held_at__isnull=True),
                name="orders_withdrawals_due",
            ),
        )
