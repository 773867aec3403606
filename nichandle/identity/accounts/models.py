"""Accounts and their recovery addresses."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q

from nichandle.identity.handles.models import Handle
from nichandle.platform.kernel.codes import MailedCode
from nichandle.platform.kernel.fields import FoldedField

ESTABLISHED_AFTER = timedelta(days=7)
HEARS_FOR = timedelta(days=7)
"""For so long a removed recovery address keeps its notices, its veto and its undo."""
FOLDED_LENGTH = 170
"""A folded name may be longer than the name (ß, ligatures); search needs no more than this."""


class Account(AbstractBaseUser):
    """One customer. Begins without identifier when the address is proven; has one for ever then."""

    class State(models.TextChoices):
        OPENING = "opening"
        ACTIVE = "active"
        FROZEN = "frozen"
        CLOSED = "closed"

    class Kind(models.TextChoices):
        INDIVIDUAL = "individual"
        CORPORATION = "corporation"
        ASSOCIATION = "association"
        ADMINISTRATION = "administration"
        OTHER = "other"

    last_login = None
    id = models.UUIDField(primary_key=True, default=uuid4)
    handle = models.OneToOneField(Handle, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State)
    email = models.CharField(max_length=254)
    email_key = FoldedField(max_length=254, null=True)
    email_proven_at = models.DateTimeField()
    password = models.CharField(max_length=255)
    password_length_class = models.CharField(max_length=8)
    kind = models.CharField(max_length=16, choices=Kind, blank=True)
    given_name = models.CharField(max_length=80, blank=True)
    family_name = models.CharField(max_length=80, blank=True)
    organisation = models.CharField(max_length=160, blank=True)
    corporation_type = models.CharField(max_length=16, blank=True)
    company_number = models.CharField(max_length=32, blank=True)
    association_number = models.CharField(max_length=40, blank=True)
    vat_number = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=160, blank=True)
    address_more = models.CharField(max_length=160, blank=True)
    postcode = models.CharField(max_length=16, blank=True)
    city = models.CharField(max_length=100, blank=True)
    area = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=8)
    time_zone = models.CharField(max_length=40)
    name_folded = FoldedField(max_length=FOLDED_LENGTH, blank=True, db_index=True)
    organisation_folded = FoldedField(max_length=FOLDED_LENGTH, blank=True, db_index=True)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email_key"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = (
            # With a condition it is no key that rows of other tables could name: so PostgreSQL lets
            # a change of address and rows that name the account be written beside each other.
            models.UniqueConstraint(
                fields=["email_key"],
                condition=Q(email_key__isnull=False),
                name="accounts_address_once",
            ),
            models.CheckConstraint(
                condition=Q(state="opening", handle__isnull=True, opened_at__isnull=True)
                | (~Q(state="opening") & Q(handle__isnull=False, opened_at__isnull=False)),
                name="accounts_handle_once_open",
            ),
            models.CheckConstraint(
                condition=Q(state="closed") | Q(email_key__isnull=False),
                name="accounts_address_until_closed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["opening", "active", "frozen", "closed"]),
                name="accounts_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="opening", kind="")
                | Q(
                    ~Q(state="opening"),
                    kind__in=[
                        "individual",
                        "corporation",
                        "association",
                        "administration",
                        "other",
                    ],
                ),
                name="accounts_kind_once_open",
            ),
            models.CheckConstraint(
                condition=Q(password_length_class__in=["", "long", "short"]),
                name="accounts_length_class_known",
            ),
        )

    @property
    def handle_text(self) -> str:
        """The identifier, empty until the account is open; read ``handle`` along."""
        return self.handle.text if self.handle else ""


class VoidedPassword(models.Model):
    """
    The hash of a password that was made void, because somebody else may know it.

    Kept so that it is not set again; it opens nothing.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    encoded = models.CharField(max_length=255)
    voided_at = models.DateTimeField()


class RecoveryAddress(models.Model):
    """
    A second address that recovers the account and never signs in; it counts once proven.

    One that is removed keeps its row, because it is told of what happens for a while after.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_addresses")
    address = models.CharField(max_length=254)
    address_key = FoldedField(max_length=254, db_index=True)
    at_creation = models.BooleanField(default=False)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    sent = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    code = MailedCode("recovery address")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "address_key"],
                condition=Q(removed_at__isnull=True),
                name="accounts_recovery_address_once",
            ),
        )

    def established(self, now: datetime) -> bool:
        """Tell whether it may act: given at creation, or active for seven days."""
        if self.removed_at is not None:
            return False
        return self.was_established(now)

    def was_established(self, moment: datetime) -> bool:
        """Tell whether it could act at a moment, whatever has become of it since."""
        if self.proven_at is None or self.proven_at > moment:
            return False
        return self.at_creation or moment - self.proven_at >= ESTABLISHED_AFTER

    def hears(self, now: datetime) -> bool:
        """Tell whether it is told of what happens: proven, and not removed long ago."""
        removed_lately = self.removed_at is None or now - self.removed_at < HEARS_FOR
        return self.proven_at is not None and removed_lately


class AddressReservation(models.Model):
    """An address an account had and may have back: until then it is nobody else's."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    address_key = FoldedField(max_length=254, db_index=True)
    until = models.DateTimeField(db_index=True)


class RecoveryLink(models.Model):
    """The link by which an established address undoes that a recovery address came or went."""

    recovery = models.ForeignKey(RecoveryAddress, models.CASCADE, related_name="links")
    added = models.BooleanField()
    address = models.CharField(max_length=254)
    digest = FoldedField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
