"""
Documents, frozen: what is to be issued, what was issued, and beside it what changes.

A draft may still change. ``Invoice`` and the tables that belong to it never do: the database
refuses it. What changes after issue (paid, credited, links) is in rows of its own beside them.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise

from nichandle.commerce.invoices.facts import Document
from nichandle.commerce.invoices.words import KINDS, STATE_KINDS, STATES
from nichandle.platform.kernel.fields import FoldedField
from nichandle.platform.kernel.money import Money

NUMBER_LENGTH = 20
CAUSE_LENGTH = 40
MEANS_LENGTH = 16


class Series(models.Model):
    """
    The counter of one series and year. Locked while a number is given.

    ``last_on`` is the date of the newest document: none of the series is dated before it.
    """

    name = FoldedField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)
    last_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["name", "year"], name="invoices_series_once"),
        )


class Lease(models.Model):
    """Which process issues a series just now, so that no other renders in vain."""

    series = FoldedField(max_length=4, primary_key=True)
    owner = models.CharField(max_length=80)
    until = models.DateTimeField()


class Invoice(models.Model):
    """
    One issued document, for ever as it is: invoice, deposit invoice or credit note.

    ``document`` is all it says (``facts.Document``), ``evidence`` how it was judged and rendered.
    """

    number = FoldedField(max_length=NUMBER_LENGTH, unique=True)
    series = FoldedField(max_length=4)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    kind = FoldedField(max_length=12)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    handle = models.CharField(max_length=16)
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    due_date = models.DateField()
    currency = FoldedField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="credit_notes", db_index=False
    )
    document = models.JSONField()
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["series", "year", "sequence"], name="invoices_number_once"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")),
                name="invoices_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(kind="credit_note", corrects__isnull=False)
                | Q(kind__in=["invoice", "deposit"], corrects__isnull=True),
                name="invoices_corrects_if_credit",
            ),
        )
        indexes = (
            models.Index(fields=["account", "-id"], name="invoices_of_account"),
            models.Index(fields=["issued_on"], name="invoices_by_day"),
            models.Index(
                fields=["corrects"], condition=Q(corrects__isnull=False), name="invoices_corrected"
            ),
        )

    @property
    def facts(self) -> Document:
        """What it says, as values."""
        return Document.of_json(self.document)

    @property
    def net(self) -> Money:
        return Money.of_minor(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money.of_minor(self.tax_minor, self.currency)

    @property
    def gross(self) -> Money:
        return Money.of_minor(self.gross_minor, self.currency)

    @property
    def kind_word(self) -> str | Promise:
        return KINDS[self.kind]


class InvoiceContent(models.Model):
    """The bytes of a document as they were issued: its PDF and its XML. Frozen."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="contents", db_index=False)
    kind = FoldedField(max_length=3)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = FoldedField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["invoice", "kind"], name="invoices_content_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["pdf", "xml"]), name="invoices_content_known"
            ),
        )
        indexes = (models.Index(fields=["sha256"], name="invoices_by_hash"),)


class InvoiceLine(models.Model):
    """
    Where each line of a document comes from. Frozen.

    ``place`` is its place in the document, ``cause_place`` its place in what was quoted for
    ``cause``. A line of a credit note names the line it credits.
    """

    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="invoice_lines", db_index=False
    )
    place = models.PositiveSmallIntegerField()
    cause = FoldedField(max_length=CAUSE_LENGTH)
    cause_place = models.PositiveSmallIntegerField()
    net_minor = models.BigIntegerField()
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="credited_by", db_index=False
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["invoice", "place"], name="invoices_line_once"),
        )
        indexes = (models.Index(fields=["cause", "cause_place"], name="invoices_lines_of_cause"),)


class ServiceLink(models.Model):
    """Which services a document is about: whoever bills them sees it. Frozen."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="services", db_index=False)
    service_id = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["service_id", "invoice"], name="invoices_service_once"),
        )
        indexes = (models.Index(fields=["invoice"], name="invoices_services"),)


class InvoiceStanding(models.Model):
    """What has become of a document since it was issued; the only row of it that changes."""

    invoice = models.OneToOneField(
        Invoice, models.PROTECT, primary_key=True, related_name="standing"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    state = FoldedField(max_length=10, default="open")
    due_date = models.DateField()
    paid_on = models.DateField(null=True)
    means = FoldedField(max_length=MEANS_LENGTH, blank=True)
    credited_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)), name="invoices_state_known"
            ),
        )
        indexes = (
            models.Index(
                fields=["account", "due_date"], condition=Q(state="open"), name="invoices_open"
            ),
        )

    @property
    def state_word(self) -> str | Promise:
        return STATES[self.state]

    @property
    def state_kind(self) -> str:
        return STATE_KINDS[self.state]


class Draft(models.Model):
    """
    A document that waits for its number: it may still be withdrawn, or lose lines.

    One cause has one draft, or two where what is outside VAT must stand apart (``part``).
    ``places`` are the places of its lines in what was quoted for the cause. ``trouble`` says why it
    cannot be issued. ``paid_at`` says when it was told that the cause was paid, also after it was
    issued, and ``paid_on`` on which day that was.
    """

    cause = FoldedField(max_length=CAUSE_LENGTH)
    part = models.PositiveSmallIntegerField(default=0)
    series = FoldedField(max_length=4)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    handle = models.CharField(max_length=16)
    document = models.JSONField()
    places = models.JSONField(default=list)
    service_ids = models.JSONField(default=list)
    together = FoldedField(max_length=64, blank=True)
    corrects = models.ForeignKey(
        Invoice, models.PROTECT, null=True, related_name="drafts", db_index=False
    )
    state = FoldedField(max_length=10, default="waiting")
    trouble = models.TextField(blank=True)
    paid_at = models.DateTimeField(null=True)
    paid_on = models.DateField(null=True)
    means = FoldedField(max_length=MEANS_LENGTH, blank=True)
    try_at = models.DateTimeField()
    created_at = models.DateTimeField()
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, null=True, related_name="made_of", db_index=False
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["cause", "part"], name="invoices_cause_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "withdrawn"], invoice__isnull=True)
                | Q(state="issued", invoice__isnull=False),
                name="invoices_issued_once",
            ),
        )
        indexes = (
            models.Index(
                fields=["series", "try_at"],
                condition=Q(state="waiting"),
                name="invoices_to_issue",
            ),
            models.Index(
                fields=["invoice"], condition=Q(invoice__isnull=False), name="invoices_made_of"
            ),
            models.Index(
                fields=["corrects"], condition=Q(corrects__isnull=False), name="invoices_correcting"
            ),
        )

    @property
    def facts(self) -> Document:
        """What it will say, as values."""
        return Document.of_json(self.document)


class Claim(models.Model):
    """
    A line that a credit note takes, whole, from the moment it is drafted; never given back.

    Of the sign of its line: one that takes off has a negative claim. None takes nothing.
    """

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="claims", db_index=False)
    place = models.PositiveSmallIntegerField()
    line = models.ForeignKey(InvoiceLine, models.PROTECT, related_name="claims", db_index=False)
    net_minor = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["draft", "place"], name="invoices_claim_once"),
            models.CheckConstraint(condition=~Q(net_minor=0), name="invoices_claim_takes"),
        )
        indexes = (models.Index(fields=["line"], name="invoices_claims"),)
