"""Links that set a new password, and what limits them."""

from django.conf import settings
from django.db import models

from nichandle.platform.kernel.fields import FoldedField


class PasswordReset(models.Model):
    """
    One link: bound to its account and address, used once, for one hour; a newer one voids it.

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
    An account whose owner said "it was not me": the next password comes through this address.

    Gone as soon as there is one. ``disowned_at`` is when it was said, ``since`` what was disowned.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True
    )
    address = models.CharField(max_length=254)
    since = models.DateTimeField()
    disowned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
