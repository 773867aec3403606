"""What proves, besides the password, that the owner of an account is there."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models

from nichandle.platform.kernel.fields import FoldedField

ESTABLISHED_AFTER = timedelta(days=7)
NAME_LENGTH = 60


class Factor(models.Model):
    """What apps and keys have in common; an account may have several of each."""

    kind: ClassVar[str]

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    at_creation = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def established(self, now: datetime) -> bool:
        """Tell whether it may act against others: set at creation, or seven days old."""
        return self.at_creation or now - self.created_at >= ESTABLISHED_AFTER

    def established_before(self, event: datetime) -> bool:
        """Tell whether it may act on something that happened: it was established by then."""
        return self.created_at < event and self.established(event)


class Totp(Factor):
    """
    An authenticator app (RFC 6238). Its seed is sealed, because checking a code needs it.

    ``last_step`` is the time step of the last code taken: that code and older ones are void.
    """

    kind = "app"

    seed = models.TextField()
    seed_digest = FoldedField(max_length=64, unique=True)
    last_step = models.BigIntegerField()


class SecurityKey(Factor):
    """
    A security key or passkey (WebAuthn): we keep the public half only.

    ``backup_eligible`` is whether it may be in several places by design, as passkeys of a password
    manager may; None where it was set up before this was noted. One that may not is no longer
    accepted once its counter went back: ``copied_at`` is when that was. Of one that may, it is told
    the first time: ``moved_at``.
    """

    kind = "key"

    credential_id = FoldedField(max_length=1400, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    transports = models.JSONField(default=list)
    discoverable = models.BooleanField()
    user_verified = models.BooleanField()
    backup_eligible = models.BooleanField(null=True)
    backed_up = models.BooleanField(null=True)
    copied_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """
    One code of the current set; shown once, used once, hashed with the server's secret.

    ``key`` names that secret: once it is no longer listed the code is worth nothing, and is not
    counted as one that is left. Empty where it was made before this was noted.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = FoldedField(max_length=16, default="", db_default="")
    digest = FoldedField(max_length=64, unique=True)
    at_creation = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class TrustedBrowser(models.Model):
    """A browser whose owner asked for no second factor there for a while."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64)
    browser = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "digest"], name="factors_trusted_once"),
        )
        indexes = (models.Index(fields=["expires_at"], name="factors_trusted_expires"),)


class SpentChallenge(models.Model):
    """A challenge that a key has answered; nobody answers it a second time."""

    digest = FoldedField(max_length=64, unique=True)
    spent_at = models.DateTimeField(db_index=True)
