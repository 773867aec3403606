"""Sessions: what a signed-in browser holds on our side."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from nichandle.kernel.fields import FoldedField


class Session(models.Model):
    """One signed-in browser. Its key is known to the browser alone; here is only the digest."""

    key_digest = FoldedField(max_length=64, unique=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    data = models.TextField(default="{}")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    idle_seconds = models.PositiveIntegerField()
    fresh_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="signin_session_expires"),)

    def live(self, now: datetime) -> bool:
        """Tell whether the session is within its idle and its absolute lifetime."""
        idle_until = self.last_used_at + timedelta(seconds=self.idle_seconds)
        return now < min(self.expires_at, idle_until)
