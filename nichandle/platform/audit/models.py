"""Heads, entries and anchors of the ledger. No key points upward: entries outlive their account."""

from django.db import models

from nichandle.platform.kernel.fields import FoldedField


class Head(models.Model):
    """The end of one account's chain; locked by the statement that reads it."""

    account_id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField(default=0)
    hash = FoldedField(max_length=64, default="")
    moved_at = models.DateTimeField(db_index=True)


class Entry(models.Model):
    """
    One act.

    The hash covers number, previous hash, act, time and the digest of the details; the details and
    their salt can be erased without breaking the chain.
    """

    account_id = models.UUIDField()
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    act = FoldedField(max_length=64)
    details = models.TextField(null=True)
    salt = models.CharField(max_length=32, null=True)
    details_digest = FoldedField(max_length=64)
    previous = FoldedField(max_length=64, blank=True)
    hash = FoldedField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account_id", "number"], name="audit_chain_number"),
        )


class Anchor(models.Model):
    """
    Part of one day's signed list of chain heads, so that a tail cut off afterwards shows.

    Each is signed together with the signature before it, so that none can be taken out.
    """

    day = models.DateField()
    part = models.PositiveIntegerField(default=0)
    heads = models.TextField()
    previous = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["day", "part"], name="audit_anchor_part"),)
