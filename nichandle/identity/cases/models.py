"""Cases, their papers, their notices, who objects, and what reviewers did."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from nichandle.identity.cases.kinds import KINDS, Kind
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel.codes import MailedCode
from nichandle.platform.kernel.fields import FoldedField


class Case(models.Model):
    """
    One case.

    ``filing`` while a visitor still gathers what belongs to it; ``open`` while reviewers look into
    it; ``approved`` from the last approval needed until it takes effect at ``due_at``, None while
    the notices are not delivered. ``account`` is None for an identifier that nobody has.
    ``named`` is by what a stranger's cases about one name are found, empty for others; ``told_at``
    when its opening was told. ``mail_id`` is the mail of its last code, which may turn out to be
    undeliverable.
    """

    class State(models.TextChoices):
        FILING = "filing"
        OPEN = "open"
        APPROVED = "approved"
        DONE = "done"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        CLOSED = "closed"

    number = FoldedField(max_length=11, unique=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    secret_digest = FoldedField(max_length=64, unique=True, null=True)
    typed = models.TextField(blank=True)
    named = FoldedField(max_length=64, blank=True, default="", db_default="")
    new_address = models.CharField(max_length=254, blank=True)
    new_key = FoldedField(max_length=254, blank=True)
    new_proven_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    mail_id = models.BigIntegerField(null=True)
    holder = models.CharField(max_length=16, blank=True)
    words = models.TextField(blank=True)
    asked_for = models.JSONField(default=list)
    language = models.CharField(max_length=8, blank=True)
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict)
    key = models.TextField(null=True)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    identified_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    contested_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    round = models.PositiveSmallIntegerField(default=0)
    decided_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list)
    reason_words = models.TextField(blank=True)
    judging_until = models.DateTimeField(null=True)

    code = MailedCode("case", sent="codes_sent")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["filing", "open", "approved"], ended_at__isnull=True)
                | Q(
                    state__in=["done", "refused", "withdrawn", "closed"],
                    ended_at__isnull=False,
                ),
                name="cases_ended_or_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "done"]) | Q(account__isnull=False),
                name="cases_approved_for_somebody",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(state__in=["approved", "done"]),
                name="cases_due_once_approved",
            ),
        )
        indexes = (
            models.Index(fields=["account", "-opened_at"], name="cases_of_account"),
            models.Index(fields=["state", "opened_at"], name="cases_by_state"),
            models.Index(
                fields=["named"],
                condition=Q(state__in=["open", "approved"]) & ~Q(named=""),
                name="cases_running_about_a_name",
            ),
            models.Index(fields=["due_at"], condition=Q(state="approved"), name="cases_due"),
            models.Index(
                fields=["decided_at"], condition=Q(key__isnull=False), name="cases_to_erase"
            ),
        )

    @property
    def sort(self) -> Kind:
        """What its kind means."""
        return KINDS[self.kind]


class Paper(models.Model):
    """
    One paper of a case; its body is sealed under the case's key and bound to case and name.

    Taken as it comes, and looked at by the worker: ``good`` once all its pages could be drawn,
    ``refused`` for a ``reason`` of ``kinds.PAPER_REASONS`` and its body gone.
    """

    class State(models.TextChoices):
        CHECKING = "checking"
        GOOD = "good"
        REFUSED = "refused"

    case = models.ForeignKey(Case, models.CASCADE, related_name="papers")
    name = FoldedField(max_length=32, unique=True)
    item = models.CharField(max_length=24)
    media = models.CharField(max_length=4)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()
    # A release before this one looks at papers itself before it writes them.
    state = models.CharField(max_length=8, choices=State, default=State.CHECKING, db_default="good")
    reason = models.CharField(max_length=16, blank=True, default="", db_default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state="good", pages__gte=1)
                | Q(state__in=["checking", "refused"], pages=0),
                name="cases_good_papers_are_drawn",
            ),
        )
        indexes = (
            models.Index(fields=["id"], condition=Q(state="checking"), name="cases_to_check"),
        )

    @property
    def page_numbers(self) -> range:
        return range(self.pages)


class PaperBody(models.Model):
    """What a paper holds, apart, so that lists of papers are read without it."""

    paper = models.OneToOneField(Paper, models.CASCADE, primary_key=True, related_name="body")
    sealed = models.BinaryField()


class Notice(models.Model):
    """
    A mail to an address the account is known by: at the opening (round 0), at each decision.

    ``digest`` is that of its link, None for an address too young to object. Settled once the mail
    server accepted it, refused the address for good, or has put it off for three days
    (``given_up``); nothing counts before.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="notices")
    round = models.PositiveSmallIntegerField()
    address = models.CharField(max_length=254)
    primary = models.BooleanField()
    digest = FoldedField(max_length=64, unique=True, null=True)
    mail_id = models.BigIntegerField(unique=True)
    accepted_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    given_up = models.BooleanField(default=False, db_default=False)


class Objection(models.Model):
    """
    Somebody objects. Only who is ``deciding`` changes how the case goes on.

    ``words`` are sealed under the case's key, and erased with it like ``who`` and ``ip``.
    """

    class By(models.TextChoices):
        ADDRESS = "address"
        SIGNIN = "signin"
        CONTACT = "contact"

    case = models.ForeignKey(Case, models.CASCADE, related_name="objections")
    by = models.CharField(max_length=8, choices=By)
    deciding = models.BooleanField()
    who = models.CharField(max_length=254, blank=True)
    words = models.TextField(blank=True)
    ip = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()


class Review(models.Model):
    """
    A reviewer's part in a case: taken up, later decided.

    One for each reviewer and case; ``ticks`` are the papers of the checklist found good, ``method``
    how the third reviewer reached the holder, ``words`` sealed under the case's key. ``acted_at``
    is when they last did something for it; who gave it back, or did nothing for too long, has left
    it (``left_at``), and comes ``again`` when they take it up once more.
    """

    class Outcome(models.TextChoices):
        PENDING = ""
        APPROVED = "approved"
        REFUSED = "refused"

    case = models.ForeignKey(Case, models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(StaffMember, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    acted_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    again = models.BooleanField(default=False, db_default=False)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    ticks = models.JSONField(default=list)
    method = models.CharField(max_length=9, blank=True)
    words = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["case", "reviewer"], name="cases_reviewed_once"),
        )
