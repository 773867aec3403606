"""Requests to hand roles over, what both sides have said, and disputes about them."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from nichandle.commerce.contacts.words import ENDED, OPEN, REASONS, STATES
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.words import ROLES
from nichandle.platform.kernel.fields import FoldedField

ACCOUNT = settings.AUTH_USER_MODEL


class Request(models.Model):
    """
    One request, from one account to one other: roles on one service or on many.

    The newcomer is whoever ``named`` means, as the asker typed it; ``to_account`` is known once the
    worker has looked, and never to the asker before it is accepted. ``newcomer_key`` is the key of
    a named address: whoever proves it may accept. ``held_at`` is set when the asker's account was
    contested, ``newcomer_held_at`` when the newcomer's was: each lets go of its own alone;
    ``look_again_at`` when the worker found it waiting, so that those behind it have their turn.
    """

    class State(models.TextChoices):
        """The states of OVH's task of the same kind; ``contacts.words.FOLLOWS`` is their order."""

        WRITTEN = "todo"
        CHECKING = "checkValidity"
        VALIDATING = "validatingByCustomers"
        DOING = "doing"
        DONE = "done"
        REFUSED = "refused"
        EXPIRED = "expired"
        ABORTED = "aborted"
        ERROR = "error"

    state = FoldedField(max_length=24, choices=State)
    reason = models.CharField(max_length=16, blank=True)
    # Where there is no index of its own, it is first in one of those below.
    asker = models.ForeignKey(ACCOUNT, models.PROTECT, related_name="+", db_index=False)
    from_account = models.ForeignKey(ACCOUNT, models.PROTECT, related_name="+")
    to_account = models.ForeignKey(
        ACCOUNT, models.PROTECT, null=True, related_name="+", db_index=False
    )
    named = models.CharField(max_length=254)
    newcomer_key = FoldedField(max_length=254, blank=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    look_again_at = models.DateTimeField(null=True)
    newcomer_held_at = models.DateTimeField(null=True)
    terms_at = models.DateTimeField(null=True)
    terms_version = models.CharField(max_length=60, blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at=None)
                | Q(state__in=ENDED, ended_at__isnull=False),
                name="contacts_ended_once",
            ),
        )
        indexes = (
            models.Index(fields=["asker", "id"], name="contacts_sent"),
            models.Index(fields=["to_account", "id"], name="contacts_received"),
            models.Index(
                fields=["newcomer_key", "id"],
                condition=Q(to_account=None) & ~Q(newcomer_key=""),
                name="contacts_invited",
            ),
            models.Index(
                fields=["state", "expires_at"], condition=Q(ended_at=None), name="contacts_open"
            ),
        )

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def state_word(self) -> str | Promise:
        return STATES[self.state]

    @property
    def reason_word(self) -> str | Promise:
        return REASONS.get(self.reason, "")

    @property
    def newcomer_handle(self) -> str:
        return self.to_account.handle_text if self.to_account else ""

    @property
    def takes_for_oneself(self) -> bool:
        return self.to_account_id == self.asker_id

    @property
    def held(self) -> bool:
        return self.held_at is not None or self.newcomer_held_at is not None

    def held_for(self, account_id: UUID) -> bool:
        """Tell whether it waits for this account, whose acts were contested, to let it go on."""
        if account_id == self.asker_id:
            return self.held_at is not None
        return account_id == self.to_account_id and self.newcomer_held_at is not None

    def hold_for(self, account_id: UUID, moment: datetime | None) -> None:
        """Hold it for the one of its accounts that was contested, or let go of that hold."""
        name = "held_at" if account_id == self.asker_id else "newcomer_held_at"
        setattr(self, name, moment)
        self.save(update_fields=[name])


class Item(models.Model):
    """One role on one service in a request; ``authority`` is the role by which it is asked."""

    class State(models.TextChoices):
        WAITING = "waiting"
        OPEN = "open"
        DONE = "done"
        CLOSED = "closed"

    request = models.ForeignKey(Request, models.CASCADE, related_name="items", db_index=False)
    service = models.ForeignKey(Service, models.CASCADE, related_name="+", db_index=False)
    role = FoldedField(max_length=16)
    authority = FoldedField(max_length=16)
    state = FoldedField(max_length=8, choices=State, default=State.OPEN)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["service", "role"],
                condition=Q(state="open"),
                name="contacts_one_request_for_a_role",
            ),
            models.UniqueConstraint(
                fields=["request", "service", "role"], name="contacts_item_once"
            ),
        )

    @property
    def role_word(self) -> str | Promise:
        return ROLES[self.role]


class Side(models.Model):
    """
    One of those who must say yes: its own secret, mailed to it alone, and its answer.

    ``sent`` counts what the asker sees of its mails; ``written`` those there really were: somebody
    who does not exist, or has been written to often today, gets none.
    """

    class Who(models.TextChoices):
        ASKER = "asker"
        NEWCOMER = "newcomer"

    request = models.ForeignKey(Request, models.CASCADE, related_name="sides", db_index=False)
    who = FoldedField(max_length=8, choices=Who)
    digest = FoldedField(max_length=64, unique=True, null=True)
    sent = models.PositiveSmallIntegerField(default=0)
    written = models.PositiveSmallIntegerField(default=0, db_default=0)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["request", "who"], name="contacts_side_once"),
        )


class Dispute(models.Model):
    """The link by which an outgoing owner or administrator contests a hand-over, and its fate."""

    request = models.OneToOneField(Request, models.CASCADE, related_name="dispute")
    digest = FoldedField(max_length=64, unique=True, null=True)
    expires_at = models.DateTimeField()
    case_number = models.CharField(max_length=16, blank=True)
    opened_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    given_back = models.BooleanField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["opened_at"], condition=Q(settled_at=None), name="contacts_disputes"
            ),
        )
