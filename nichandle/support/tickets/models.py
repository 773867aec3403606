"""Tickets and what was written in them."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from nichandle.commerce.services.models import Service
from nichandle.platform.kernel.fields import FoldedField
from nichandle.support.tickets.words import (
    ANSWERED,
    CATEGORIES,
    CLOSED,
    NOTE,
    RATINGS,
    SIDES,
    STAFF,
    STATE_KINDS,
    STATES,
    WAITING,
)

SUBJECT_LENGTH = 120
FOLDED_LENGTH = 3 * SUBJECT_LENGTH
AUTHOR_LENGTH = 80
RATING_WORDS_LENGTH = 500


class Ticket(models.Model):
    """
    One question of one account.

    ``waiting_since`` is when the customer wrote what has no answer yet; ``answered_at`` when the
    first answer came. ``once`` is the form's own key, so that a form sent twice asks once.
    ``assignee`` is the name of who has taken it up.
    """

    number = FoldedField(max_length=9, unique=True)
    # Needs no index of its own: it is first in one of those below.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    handle = models.CharField(max_length=16)
    category = FoldedField(max_length=12)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    subject_folded = FoldedField(max_length=FOLDED_LENGTH)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = FoldedField(max_length=10)
    once = models.UUIDField(default=uuid4)
    opened_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    assignee = models.CharField(max_length=AUTHOR_LENGTH, blank=True)
    rating = models.PositiveSmallIntegerField(null=True)
    rating_words = models.CharField(max_length=RATING_WORDS_LENGTH, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "once"], name="tickets_form_once"),
            models.CheckConstraint(
                condition=Q(state=WAITING, waiting_since__isnull=False)
                | (Q(state__in=[ANSWERED, CLOSED]) & Q(waiting_since__isnull=True)),
                name="tickets_waits_since",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
                name="tickets_rating_known",
            ),
        )
        indexes = (
            models.Index(fields=["account", "-id"], name="tickets_of_account"),
            models.Index(
                fields=["waiting_since", "id"],
                condition=Q(waiting_since__isnull=False),
                name="tickets_queue",
            ),
            models.Index(fields=["state", "-id"], name="tickets_by_state"),
        )

    @property
    def state_word(self) -> str | Promise:
        return STATES[self.state]

    @property
    def state_kind(self) -> str:
        return STATE_KINDS[self.state]

    @property
    def category_word(self) -> str | Promise:
        return CATEGORIES[self.category]

    @property
    def rating_word(self) -> str | Promise:
        return RATINGS[self.rating] if self.rating else ""


class TicketMessage(models.Model):
    """What somebody wrote in a ticket, as plain text; ``author`` names who of customer service."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="messages", db_index=False)
    side = FoldedField(max_length=8)
    author = models.CharField(max_length=AUTHOR_LENGTH, blank=True)
    text = models.TextField()
    once = models.UUIDField(default=uuid4)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["ticket", "once"], name="tickets_message_once"),
            models.CheckConstraint(condition=Q(side__in=SIDES), name="tickets_side_known"),
        )
        indexes = (models.Index(fields=["ticket", "id"], name="tickets_messages"),)

    @property
    def ours(self) -> bool:
        return bool(self.side == STAFF)

    @property
    def internal(self) -> bool:
        return bool(self.side == NOTE)
