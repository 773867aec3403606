"""Jobs, the slots of periodic ones, and the sign of life of workers."""

from django.db import models
from django.db.models import Q

from nichandle.platform.kernel.fields import FoldedField


class Job(models.Model):
    """
    One piece of work. It is taken by writing a lease, which the worker renews while it lives.

    A job that keeps failing ends as ``dead`` and stays to be seen.
    """

    class State(models.TextChoices):
        READY = "ready"
        DEAD = "dead"

    name = FoldedField(max_length=64)
    payload = models.JSONField(default=dict)
    run_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    unique_key = FoldedField(max_length=128, null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["unique_key"],
                condition=Q(state="ready", lease_until=None),
                name="jobs_one_waiting_per_unique_key",
            ),
        )
        indexes = (
            models.Index(fields=["run_at"], condition=Q(state="ready"), name="jobs_ready_run_at"),
        )


class Slot(models.Model):
    """When a periodic job last became due; the row is what workers agree on."""

    name = FoldedField(max_length=64, primary_key=True)
    due_at = models.DateTimeField()


class Pulse(models.Model):
    """A worker's sign of life."""

    worker = FoldedField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField()
