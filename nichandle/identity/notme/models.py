"""The links."""

from django.conf import settings
from django.db import models

from nichandle.platform.kernel.fields import FoldedField


class NotMeLink(models.Model):
    """One link: it belongs to one event, and to one address that was established before it."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64, unique=True)
    event = models.CharField(max_length=40)
    event_at = models.DateTimeField()
    address = models.CharField(max_length=254)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="notme_expires"),)
