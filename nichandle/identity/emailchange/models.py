"""Requests to change the primary address, their links and their mails."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from nichandle.platform.kernel.codes import MailedCode
from nichandle.platform.kernel.fields import FoldedField


class Change(models.Model):
    """
    One request.

    ``due_at`` is when silence makes it effective, None while something is missing for that;
    ``lapses_at`` when it ends without effect, reckoned anew before that is believed;
    ``refused_why`` what refused it, or why it lapsed. ``prompt_at`` is when the new address is
    reminded, ``frozen_at`` since when a frozen account keeps what was due from its effect. A
    ``taken`` one goes to an address that belongs to another account: it looks unproven to its end.
    """

    class State(models.TextChoices):
        OPEN = "todo"
        DONE = "done"
        REFUSED = "refused"
        REPLACED = "replaced"
        WITHDRAWN = "withdrawn"
        LAPSED = "lapsed"
        UNDONE = "undone"

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    old_address = models.CharField(max_length=254)
    old_proven_at = models.DateTimeField()
    new_address = models.CharField(max_length=254)
    new_key = FoldedField(max_length=254)
    taken = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    code_digest = models.CharField(max_length=64, blank=True)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    browser_digest = models.CharField(max_length=64, blank=True)
    proofs_sent = models.PositiveSmallIntegerField(default=0)
    proof_code_digest = models.CharField(max_length=64, blank=True)
    proof_codes_sent = models.PositiveSmallIntegerField(default=0)
    prompt_at = models.DateTimeField(null=True)
    prompts_sent = models.PositiveSmallIntegerField(default=0)
    code_entered_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    lapses_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    refused_why = models.CharField(max_length=10, blank=True)
    contested_at = models.DateTimeField(null=True)
    undo_code_digest = models.CharField(max_length=64, blank=True)
    undo_codes_sent = models.PositiveSmallIntegerField(default=0)
    undo_code_expires_at = models.DateTimeField(null=True)

    # Neither has an end of its own: they are good for as long as the request is open.
    code = MailedCode("email change", expires_at="lapses_at", sent="codes_sent")
    proof_code = MailedCode(
        "proof of email change",
        digest="proof_code_digest",
        expires_at="lapses_at",
        sent="proof_codes_sent",
    )
    undo_code = MailedCode(
        "undo of email change",
        digest="undo_code_digest",
        expires_at="undo_code_expires_at",
        sent="undo_codes_sent",
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="todo"), name="emailchange_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="todo", ended_at__isnull=True)
                | (~Q(state="todo") & Q(ended_at__isnull=False)),
                name="emailchange_ended_or_open",
            ),
        )
        indexes = (
            models.Index(fields=["account", "-asked_at"], name="emailchange_of_account"),
            models.Index(fields=["due_at"], condition=Q(state="todo"), name="emailchange_due"),
            models.Index(
                fields=["remind_at"], condition=Q(state="todo"), name="emailchange_remind"
            ),
            models.Index(
                fields=["prompt_at"], condition=Q(state="todo"), name="emailchange_prompt"
            ),
            models.Index(fields=["lapses_at"], condition=Q(state="todo"), name="emailchange_lapse"),
            models.Index(
                fields=["frozen_at"],
                condition=Q(state="todo", frozen_at__isnull=False),
                name="emailchange_frozen",
            ),
        )

    @property
    def by_code(self) -> bool:
        """Whether the current address approved it with its code."""
        return self.code_entered_at is not None


class ChangeLink(models.Model):
    """A link of one mail: to prove the new address, to veto, to undo."""

    class Kind(models.TextChoices):
        PROOF = "proof"
        VETO = "veto"
        UNDO = "undo"

    change = models.ForeignKey(Change, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=5, choices=Kind)
    address = models.CharField(max_length=254)
    digest = FoldedField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ChangeMail(models.Model):
    """
    A mail whose delivery the clock waits for.

    A ``PROOF`` is what went to the new address: the link, or word to the owner of a taken one.
    """

    class Part(models.TextChoices):
        ASKED = "asked"
        REMINDER = "reminder"
        PROVEN = "proven"
        PROOF = "proof"

    change = models.ForeignKey(Change, models.CASCADE, related_name="mails")
    mail_id = models.BigIntegerField(unique=True)
    part = models.CharField(max_length=8, choices=Part)
    to_current = models.BooleanField()
    written_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)


class Round(models.Model):
    """When a worker last looked through the requests; one row."""

    seen_at = models.DateTimeField()


class Absence(models.Model):
    """A time in which no worker looked, so that no request could take effect."""

    began_at = models.DateTimeField(unique=True)
    ended_at = models.DateTimeField()
