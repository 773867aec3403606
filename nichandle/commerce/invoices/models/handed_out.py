"""What of documents is handed out: years as ZIP files, links, and addresses that get copies."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from nichandle.commerce.invoices.models.issued import Invoice
from nichandle.platform.kernel.fields import FoldedField


class Archive(models.Model):
    """
    One's documents of a year, put into ZIP files by the worker.

    ``newest_id`` is the newest document in them: whether there is more by now is read from it. A
    worker that makes it holds it until ``held_until``; ``made`` of ``total`` documents are in.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    year = models.PositiveSmallIntegerField()
    state = FoldedField(max_length=8, default="asked")
    newest_id = models.BigIntegerField()
    total = models.PositiveIntegerField()
    made = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    held_until = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "year"], name="invoices_archive_once"),
            models.CheckConstraint(
                condition=Q(state="asked", ready_at__isnull=True)
                | Q(state="ready", ready_at__isnull=False),
                name="invoices_archive_state",
            ),
        )
        indexes = (
            models.Index(
                fields=["held_until"], condition=Q(state="asked"), name="invoices_archives_asked"
            ),
            models.Index(
                fields=["ready_at"], condition=Q(state="ready"), name="invoices_archives_old"
            ),
        )


class ArchiveFile(models.Model):
    """One ZIP file of an archive: small enough to be sent to a slow line from memory."""

    archive = models.ForeignKey(Archive, models.CASCADE, related_name="files", db_index=False)
    place = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    documents = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["archive", "place"], name="invoices_archive_file_once"),
        )

    @property
    def name(self) -> str:
        return f"{self.archive.year}-{self.place}.zip"


class InvoiceCopy(models.Model):
    """
    An address that gets a copy of every document of an account, once its reader has agreed.

    ``digest`` is that of the link by which they answer.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    address = models.CharField(max_length=254)
    address_key = FoldedField(max_length=254)
    digest = FoldedField(max_length=64, unique=True)
    asked_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["account"], condition=Q(ended_at__isnull=True), name="invoices_copies"
            ),
        )


class InvoiceLink(models.Model):
    """
    A link that opens one document to whoever has it, until it expires or is withdrawn.

    ``copy`` says to which address it was mailed, where it was not made by hand.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="links", db_index=False)
    digest = FoldedField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    copy = models.ForeignKey(
        InvoiceCopy, models.PROTECT, null=True, related_name="links", db_index=False
    )

    class Meta:
        indexes = (
            models.Index(fields=["invoice"], name="invoices_links"),
            models.Index(
                fields=["copy"], condition=Q(copy__isnull=False), name="invoices_links_of_copy"
            ),
        )
