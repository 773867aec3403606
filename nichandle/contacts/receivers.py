"""What this room does when another tells something."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.dispatch import receiver

from nichandle.cases.signals import effected
from nichandle.contacts.book import Book
from nichandle.contacts.endings import abort
from nichandle.contacts.models import Dispute, Request
from nichandle.contacts.words import OPEN


@receiver(effected)
def end_all(*, account_id: UUID, now: datetime, **_signal: Any) -> None:
    """End every request the account has a part in: its links may be in the hands of another."""
    part = Q(asker_id=account_id) | Q(from_account_id=account_id) | Q(to_account_id=account_id)
    book = Book()
    keys = Request.objects.filter(part, state__in=OPEN).values_list("pk", flat=True)
    abort(set(keys), "case", book=book, now=now)
    book.write(now=now)
    links = Dispute.objects.filter(request__from_account_id=account_id, opened_at=None)
    links.filter(expires_at__gt=now).update(expires_at=now)
