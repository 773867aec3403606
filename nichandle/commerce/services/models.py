"""Services, the roles on them, and what has happened to them."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.functional import Promise

from nichandle.commerce.services.products import PRODUCTS
from nichandle.commerce.services.words import ACTS, RENEWALS, ROLES, STATE_KINDS, STATES
from nichandle.platform.kernel.fields import FoldedField

NAME_LENGTH = 253
"""The longest domain name (RFC 1035 section 2.3.4), written without its last dot."""


class Service(models.Model):
    """
    One thing a customer rents.

    ``plan`` is the code of the catalogue's product it was ordered as; empty where it was not.
    ``next_plan`` is the plan it is to have from its next renewal on, where that was asked for.
    ``contacts_frozen_at`` is set while a dispute about its contacts is looked into.
    """

    class State(models.TextChoices):
        CREATING = "creating"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        TERMINATED = "terminated"

    class Renewal(models.TextChoices):
        AUTOMATIC = "automatic"
        MANUAL = "manual"

    product = FoldedField(max_length=16)
    plan = FoldedField(max_length=32, blank=True, default="", db_default="")
    next_plan = FoldedField(max_length=32, blank=True, default="", db_default="")
    name = models.CharField(max_length=NAME_LENGTH)
    name_folded = FoldedField(max_length=NAME_LENGTH)
    state = FoldedField(max_length=12, choices=State)
    period_months = models.PositiveSmallIntegerField()
    renewal = FoldedField(max_length=12, choices=Renewal)
    expiry_date = models.DateField(null=True)
    created_at = models.DateTimeField()
    contacts_frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["product", "name_folded"],
                condition=~Q(state="terminated"),
                name="services_name_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["creating", "active", "suspended", "terminated"]),
                name="services_state_known",
            ),
            models.CheckConstraint(
                condition=Q(renewal__in=["automatic", "manual"]), name="services_renewal_known"
            ),
            models.CheckConstraint(
                condition=Q(period_months__gte=1, period_months__lte=36),
                name="services_period_known",
            ),
        )

    @property
    def product_word(self) -> str | Promise:
        return PRODUCTS[self.product] if self.product in PRODUCTS else str(self.product)

    @property
    def state_word(self) -> str | Promise:
        return STATES[self.state]

    @property
    def state_kind(self) -> str:
        return STATE_KINDS[self.state]

    @property
    def renewal_word(self) -> str | Promise:
        return RENEWALS[self.renewal]


class Role(models.Model):
    """
    Who has a role on a service: one row for each of the four, never removed, only handed over.

    Name, product, state and expiry are copies of the service's: one's list of services is read
    from this table's index alone, whatever the filter.
    """

    # Neither needs an index of its own: each is first in one of those below.
    service = models.ForeignKey(Service, models.CASCADE, related_name="roles", db_index=False)
    role = FoldedField(max_length=16)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    since_at = models.DateTimeField()
    name_folded = FoldedField(max_length=NAME_LENGTH)
    product = FoldedField(max_length=16)
    state = FoldedField(max_length=12)
    expiry_date = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["service", "role"], name="services_role_once"),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "administrator", "technical", "billing"]),
                name="services_role_known",
            ),
        )
        indexes = (
            models.Index(
                fields=["account", "name_folded", "service", "role", "product", "state"],
                name="services_by_name",
            ),
            models.Index(fields=["account", "expiry_date", "service"], name="services_by_expiry"),
            # Few are: a home page finds them without reading all that somebody has.
            models.Index(
                fields=["account", "name_folded", "service"],
                condition=Q(state="suspended"),
                name="services_suspended",
            ),
        )

    @property
    def holder(self) -> str:
        """The name of who has the role."""
        account = self.account
        return account.organisation or f"{account.given_name} {account.family_name}".strip()

    @property
    def role_word(self) -> str | Promise:
        return ROLES[self.role]


class Event(models.Model):
    """One line of a service's history; ``by`` is the identifier of who did it, if somebody did."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    act = models.CharField(max_length=40)
    by = models.CharField(max_length=16, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["service", "id"], name="services_events"),)

    @property
    def sentence(self) -> str:
        """What happened, in words; its details are words of our lists, dates and identifiers."""
        return str(ACTS[self.act]) % {name: _word(text) for name, text in self.details.items()}


def _word(text: str) -> str:
    for words in (ROLES, STATES, RENEWALS):
        if text in words:
            return str(words[text])
    try:
        return date_format(date.fromisoformat(text))
    except ValueError:
        return text
