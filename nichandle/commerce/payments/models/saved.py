"""Means of payment that accounts keep at a provider: what tells them apart, never their numbers."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from nichandle.commerce.payments.words import BRANDS, SAVING_STATES
from nichandle.platform.kernel.fields import FoldedField


class ProviderCustomer(models.Model):
    """What a provider calls an account: what it keeps of it hangs on that name."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    provider = FoldedField(max_length=8)
    ref = FoldedField(max_length=100)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "provider"], name="payments_customer_once"),
        )


class SavedMeans(models.Model):
    """
    A means that an account has saved at a provider, under the provider's name for it.

    A row stays when the means is removed, as payments were made with it.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    provider = FoldedField(max_length=8)
    ref = FoldedField(max_length=100)
    brand = models.CharField(max_length=20, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    last_day = models.DateField(null=True)
    preferred = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["provider", "ref"], name="payments_means_once"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(preferred=True), name="payments_one_preferred"
            ),
            models.CheckConstraint(
                condition=Q(preferred=False) | Q(removed_at=None), name="payments_preferred_there"
            ),
        )
        indexes = (
            models.Index(
                fields=["account"], condition=Q(removed_at=None), name="payments_means_of"
            ),
        )

    @property
    def brand_word(self) -> str:
        """The brand as it writes itself; what we do not know of is a card."""
        return str(BRANDS.get(self.brand, BRANDS[""]))

    @property
    def shown(self) -> str:
        """The brand and the last four digits, as statements and receipts write them."""
        return f"{self.brand_word} •••• {self.last4}"

    @property
    def expires(self) -> str:
        """The month it expires in, as it stands on a card; empty for what has none."""
        return f"{self.last_day:%m/%Y}" if self.last_day else ""

    @property
    def with_expiry(self) -> str:
        """What is chosen where one pays: brand, digits, and the month it expires in."""
        return f"{self.shown} · {self.expires}" if self.expires else self.shown

    def expired(self, today: date) -> bool:
        return self.last_day is not None and self.last_day < today


class Saving(models.Model):
    """
    One try to save a means, on a provider's page; what the provider says decides.

    ``note`` is the provider's own: of the test provider it is all it knows.
    """

    number = FoldedField(max_length=10, unique=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    provider = FoldedField(max_length=8)
    state = FoldedField(max_length=8, default="begun")
    address = models.CharField(max_length=2000, blank=True)
    provider_ref = FoldedField(max_length=100, blank=True)
    note = models.JSONField(default=dict)
    by = models.CharField(max_length=32, blank=True)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=list(SAVING_STATES)), name="payments_saving_known"
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"],
                condition=~Q(provider_ref=""),
                name="payments_saving_ref_once",
            ),
        )
        indexes = (
            models.Index(fields=["account", "-id"], name="payments_savings_of"),
            models.Index(
                fields=["begun_at"], condition=Q(state="begun"), name="payments_savings_begun"
            ),
        )
