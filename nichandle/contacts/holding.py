"""What becomes of requests when their account's owner disowns an act: "it was not me"."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from nichandle.audit.operations import Line
from nichandle.cases.signals import effected
from nichandle.contacts.book import Book
from nichandle.contacts.endings import end
from nichandle.contacts.models import Request
from nichandle.contacts.words import OPEN
from nichandle.kernel.database import locked
from nichandle.kernel.origin import Origin
from nichandle.notme.signals import disowned


def listen() -> None:
    """Hear of acts that were disowned, and of access that was given back."""
    disowned.connect(_on_disowned, dispatch_uid="contacts")
    effected.connect(_on_access_given, dispatch_uid="contacts")


def _on_disowned(
    account_id: UUID, since: datetime, origin: Origin, now: datetime, **_more: Any
) -> None:
    """End what was asked since the disowned act; hold, for the owner to resume, what was before."""
    mine = Q(asker_id=account_id) | Q(to_account_id=account_id, sides__accepted_at__isnull=False)
    keys = set(Request.objects.filter(mine, state__in=OPEN).values_list("pk", flat=True))
    book, held = Book(), 0
    for request in locked(Request.objects.filter(pk__in=keys, state__in=OPEN).order_by("pk")):
        if request.asker_id == account_id and request.asked_at >= since:
            end(request, Request.State.ABORTED, book=book, now=now, reason="disowned")
            continue
        request.held_at = now
        request.save(update_fields=["held_at"])
        held += 1
    if held:
        book.add(Line("contact.held", account_id, origin, {"count": held}))
    book.write(now=now)


def _on_access_given(account_id: UUID, now: datetime, **_more: Any) -> None:
    """End what was asked in the name of an account whose access was just given back."""
    book = Book()
    rows = Request.objects.filter(asker_id=account_id, state__in=OPEN)
    for request in locked(rows.order_by("pk")):
        end(request, Request.State.ABORTED, book=book, now=now, reason="access_given")
    book.write(now=now)
