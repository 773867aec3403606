"""Links that set a new password."""

from django.conf import settings
from django.db import models

from nichandle.kernel.fields import FoldedField


class PasswordReset(models.Model):
    """One link: bound to its account, used once, for one hour; a newer one voids it."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
