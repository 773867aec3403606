"""Sessions, sign-ins half done, and the browsers that have signed in before."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from nichandle.platform.kernel.codes import MailedCode
from nichandle.platform.kernel.fields import FoldedField

STAYS_FROM = int(timedelta(days=1).total_seconds())
"""Idle times are minutes, or days for who stays signed in."""


class KnownBrowser(models.Model):
    """
    A browser that has signed in to this account before, known by a secret of its own.

    It outlives sessions; only a complete sign-in makes it known.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64)
    network = FoldedField(max_length=64)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "digest", "network"], name="signin_known_browser_once"
            ),
        )
        indexes = (
            models.Index(fields=["account", "network"], name="signin_known_network"),
            models.Index(fields=["last_at"], name="signin_known_browser_last"),
        )


class Failures(models.Model):
    """
    Failed sign-ins of one account in one hour, until the worker enters them in its ledger.

    The unknown is counted alike, under a key that is no account's, so that both cost the same.
    """

    account_id = models.UUIDField()
    hour = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account_id", "hour"], name="signin_failures_once"),
        )
        indexes = (models.Index(fields=["hour"], name="signin_failures_hour"),)


class OpenedBrowser(models.Model):
    """A browser that has just used a mailed link: for a while it needs no mailed code."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64)
    until = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "digest"], name="signin_opened_once"),
        )
        indexes = (models.Index(fields=["until"], name="signin_opened_until"),)


class Challenge(models.Model):
    """
    A sign-in whose password was right and whose second step is missing.

    Bound to its browser by a secret of which here is only the digest, and to the password as it
    was. ``step`` is what is missing: a factor, or the code mailed to an unknown browser. ``chain``
    is what it has in common with those that the same browser began before it.
    """

    class Step(models.TextChoices):
        FACTOR = "factor"
        CODE = "code"

    digest = FoldedField(max_length=64, unique=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    step = models.CharField(max_length=8, choices=Step)
    stay = models.BooleanField()
    failures = models.PositiveIntegerField(default=0)
    password_digest = models.CharField(max_length=64)
    wrong = models.PositiveSmallIntegerField(default=0)
    sent = models.PositiveSmallIntegerField(default=0)
    sent_to = models.CharField(max_length=254, blank=True)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    chain = FoldedField(max_length=64, default="")
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    code = MailedCode("signin", owner="digest")

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="signin_challenge_expires"),)


def alive(
    now: datetime, *, last_used_at: datetime, idle_seconds: int, expires_at: datetime
) -> bool:
    """Tell whether a session is within its idle and its absolute lifetime."""
    return now < min(expires_at, last_used_at + timedelta(seconds=idle_seconds))


class Session(models.Model):
    """
    One signed-in browser. Its key is known to the browser alone; here is only the digest.

    ``former_digest`` is that of the key it had before the last fresh sign-in, which opens nothing:
    a browser that still sends it has been given the new one a moment ago.
    """

    key_digest = FoldedField(max_length=64, unique=True)
    former_digest = FoldedField(max_length=64, null=True)
    # Found by the index below, which is in the order in which they are shown.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    data = models.TextField(default="{}")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    idle_seconds = models.PositiveIntegerField()
    fresh_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["expires_at"], name="signin_session_expires"),
            models.Index(fields=["account", "id"], name="signin_session_latest"),
            models.Index(fields=["former_digest"], name="signin_session_former"),
        )

    @property
    def stays(self) -> bool:
        """Whether the person asked to stay signed in: it outlives the browser's window."""
        return self.idle_seconds >= STAYS_FROM

    def live(self, now: datetime) -> bool:
        """Tell whether the session is within its idle and its absolute lifetime."""
        return alive(
            now,
            last_used_at=self.last_used_at,
            idle_seconds=self.idle_seconds,
            expires_at=self.expires_at,
        )


class Opening(models.Model):
    """A mailed link that opens one browser for an hour, after too many strangers' failures."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = FoldedField(max_length=64, unique=True)
    address = models.CharField(max_length=254, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Notices(models.Model):
    """An account whose owner wants word of every sign-in; the others hear of new places."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True
    )


class NetworkPolicy(models.Model):
    """
    An account that has network rules: what holds where none matches, and until when all rest.

    Outside its rules the right password with a factor, or a mailed code, suspends them for a day.
    What holds for the others rests once it was set after a disowned act: then they are allowed.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True
    )
    allow_others = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    suspended_until = models.DateTimeField(null=True)
    default_changed_at = models.DateTimeField(null=True)
    default_rests = models.BooleanField(default=False)


class NetworkRule(models.Model):
    """
    One network of an account: allowed or denied; ``notice`` asks for word of its sign-ins.

    It ``rests`` once it was set after a disowned act: it says nothing until it is set anew.
    """

    policy = models.ForeignKey(NetworkPolicy, models.CASCADE, related_name="rules")
    network = models.CharField(max_length=49)
    allowed = models.BooleanField()
    notice = models.BooleanField()
    made_at = models.DateTimeField()
    rests = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["policy", "network"], name="signin_rule_once"),
        )
