"""Links that set a new password, and what limits them."""

from datetime import datetime

from django.conf import settings
from django.db import models

from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.fields import FoldedField


class PasswordReset(models.Model):
    """
    One link: bound to its account and address, used once, for one hour; one used voids the others.

    ``used_at`` is when it set a password; ``ended_at`` when it ended, by that or otherwise.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64, unique=True)
    address = models.CharField(max_length=254, blank=True)
    by_recovery = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class ResetStop(models.Model):
    """The link by which the primary address stops a reset that goes to recovery addresses."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class PasswordHold(models.Model):
    """
    An account that somebody has said "it was not me" about, and whose ``case`` is to be decided.

    ``since`` is the earliest event disowned: an address established before it sets passwords while
    the case runs. ``disowned_at`` is when it was said first, ``address`` who said it first, and
    ``said_by`` when each address said so last, by the address's key.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True
    )
    address = models.CharField(max_length=254)
    since = models.DateTimeField()
    disowned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    case = models.CharField(max_length=11, blank=True, default="")
    said_by = models.JSONField(default=dict)

    def said_at(self, address: str) -> datetime | None:
        """Return when an address has said so last; None when it has not."""
        at = self.said_by.get(addresses.key(address))
        return datetime.fromisoformat(at) if at else None
