"""From state to state: the one place that writes a request's state."""

from datetime import datetime, timedelta

from django.db.models import Q

from nichandle.commerce.contacts.models import Item, Request, Side
from nichandle.commerce.contacts.words import ENDED, FOLLOWS

UNDONE = (Item.State.OPEN, Item.State.WAITING)
LOOK_AGAIN = timedelta(minutes=1)


class StepNotPossible(RuntimeError):
    """A state that cannot follow: a bug, never a refusal."""


def move(request: Request, state: str, *, now: datetime, reason: str = "") -> None:
    """Bring a request, whose row the caller holds, to its next state; the end ends its secrets."""
    if state not in FOLLOWS[request.state]:
        raise StepNotPossible(f"{request.pk}: {request.state} to {state}")
    request.state, request.reason = state, reason
    if state in ENDED:
        request.ended_at = now
        Side.objects.filter(request=request).update(digest=None)
        left = Item.objects.filter(request=request, state__in=UNDONE)
        left.update(state=Item.State.CLOSED)
    request.save(update_fields=["state", "reason", "ended_at", "to_account"])


def look_again_later(request: Request, *, now: datetime) -> None:
    """Let a request that waits for the end of a pause or a hold stand back for those behind it."""
    request.look_again_at = now + LOOK_AGAIN
    request.save(update_fields=["look_again_at"])


def due_for_a_look(now: datetime) -> Q:
    """Which waiting requests the worker looks at now."""
    return Q(look_again_at=None) | Q(look_again_at__lte=now)
