"""The mails."""

from django.db import models
from django.db.models import Q

from nichandle.platform.kernel.fields import FoldedField

SECRETS = "secrets of a mail"
UNREADABLE = "sealed with a secret that is neither in NICHANDLE_SECRET_KEY nor in …_OLD"
"""The error of a mail that waits for that secret."""


class Mail(models.Model):
    """
    One mail to one address.

    Secrets (a code, a link) are sealed beside the row and wiped when it ends; the body is rendered
    from template and context, with the secrets when it is sent and masked when it is shown.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        BOUNCED = "bounced"
        DROPPED = "dropped"

    message_id = FoldedField(max_length=128, unique=True)
    account_id = models.UUIDField(null=True)
    handle = models.CharField(max_length=16, blank=True)
    recipient = models.CharField(max_length=254)
    language = models.CharField(max_length=8)
    template = FoldedField(max_length=64)
    context = models.JSONField(default=dict)
    secrets = models.TextField(null=True)
    secret_names = models.JSONField(default=list)
    origin_ip = models.GenericIPAddressField(null=True)
    origin_browser = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    away = False
    """No column: true of one that is given up because no mail server could be reached."""

    class Meta:
        indexes = (
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="outbox_waiting",
            ),
            models.Index(fields=["account_id", "id"], name="outbox_of_account"),
        )
