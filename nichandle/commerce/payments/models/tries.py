"""Tries to pay at a provider, and what providers tell."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from nichandle.commerce.payments.models.owed import Receivable
from nichandle.commerce.payments.models.saved import SavedMeans
from nichandle.commerce.payments.references import reference_of
from nichandle.commerce.payments.words import (
    PAYMENT_STATES,
)
from nichandle.platform.kernel.fields import FoldedField
from nichandle.platform.kernel.money import Money


class PaymentTry(models.Model):
    """
    One try to pay, at a provider: what for is in its shares.

    What the provider says decides, not what a browser brings back. ``note`` is the provider's own:
    of the test provider it is all it knows. With a means that is ``saved`` nobody need be there:
    then ``key`` is what the room above asks again under.
    """

    number = FoldedField(max_length=10, unique=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    provider = FoldedField(max_length=8)
    state = FoldedField(max_length=8, default="begun")
    currency = FoldedField(max_length=3)
    amount_minor = models.BigIntegerField()
    address = models.CharField(max_length=2000, blank=True)
    provider_ref = FoldedField(max_length=100, blank=True)
    reason = models.CharField(max_length=100, blank=True)
    note = models.JSONField(default=dict)
    saved = models.ForeignKey(
        SavedMeans, models.PROTECT, null=True, related_name="+", db_index=False
    )
    key = FoldedField(max_length=60, null=True, unique=True)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=list(PAYMENT_STATES)), name="payments_try_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_try_sane"),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"],
                condition=~Q(provider_ref=""),
                name="payments_ref_once",
            ),
        )
        indexes = (
            models.Index(fields=["account", "-id"], name="payments_tries_of"),
            models.Index(
                fields=["begun_at"],
                condition=Q(state__in=["begun", "pending"]),
                name="payments_undecided",
            ),
        )

    @property
    def amount(self) -> Money:
        return Money.of_minor(self.amount_minor, self.currency)

    @property
    def reference(self) -> str:
        """The creditor reference of a transfer that pays several at once."""
        return reference_of(self.number)

    @property
    def state_word(self) -> str | Promise:
        return PAYMENT_STATES[self.state]


class Share(models.Model):
    """How much of a payment is for which receivable."""

    payment = models.ForeignKey(PaymentTry, models.CASCADE, related_name="shares", db_index=False)
    receivable = models.ForeignKey(Receivable, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["payment", "receivable"], name="payments_share_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_share_sane"),
        )


class ProviderEvent(models.Model):
    """
    One webhook event of a provider: one row, however often it comes.

    It says only that there is something to look at (``ref``); what happened is decided from the
    object itself. ``seen_at`` is when that was done.
    """

    provider = FoldedField(max_length=8)
    event = FoldedField(max_length=100)
    kind = FoldedField(max_length=60)
    ref = FoldedField(max_length=100)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["provider", "event"], name="payments_event_once"),
        )
        indexes = (
            models.Index(fields=["received_at"], name="payments_events_by_age"),
            models.Index(fields=["id"], condition=Q(seen_at=None), name="payments_events_unseen"),
        )


class RefusedEvent(models.Model):
    """How many webhooks of a provider were refused on a day, and why: one row, whoever floods."""

    provider = FoldedField(max_length=8)
    why = FoldedField(max_length=12)
    day = models.DateField()
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["provider", "why", "day"], name="payments_refused_once"
            ),
        )
