"""Pauses of an account."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from nichandle.identity.pauses.acts import CAUSES, Cause
from nichandle.platform.kernel.codes import MailedCode


class Pause(models.Model):
    """
    One pause. ``caused_at`` is when its cause began: what the account knew before may shorten it.

    ``caused_by`` is the address through which the cause came, if one: it shortens nothing, however
    old. ``held_by`` is the number of the case that has to be decided first, if one: until then it
    runs on after ``ends_at``. The code that shortens it is mailed; its digest waits here.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    cause = models.CharField(max_length=24)
    caused_at = models.DateTimeField()
    caused_by = models.CharField(max_length=254, blank=True)
    held_by = models.CharField(max_length=11, blank=True, default="")
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    sent = models.PositiveSmallIntegerField(default=0)

    code = MailedCode("pause")

    class Meta:
        indexes = (
            models.Index(fields=["account", "ends_at"], name="pauses_of_account"),
            models.Index(fields=["held_by"], condition=~Q(held_by=""), name="pauses_held"),
        )

    @property
    def reason(self) -> Cause:
        return CAUSES[self.cause]

    def runs(self, now: datetime) -> bool:
        return self.lifted_at is None and (now < self.ends_at or self.held_by != "")
