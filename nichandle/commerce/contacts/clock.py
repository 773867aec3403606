"""
Until when a request is answered: seven days, in which no pause keeps anybody from going on.

The clock stands still while the asker is paused, and while a newcomer who has said yes is. A pause
of a newcomer who has said nothing does not stop it: the asker would learn from the date that there
is somebody, and they can say yes meanwhile.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from nichandle.commerce.contacts.models import Request, Side
from nichandle.identity.pauses.queries import times_paused

LIFETIME = timedelta(days=7)
HAND_OVER = "contact.hand_over"
"""The sensitive act that pauses keep waiting."""


def answer_until(request: Request) -> datetime:
    """Return until when a request can be answered, as pauses are now."""
    return put_off(request.expires_at, _pauses(request))


def answerable(request: Request, *, now: datetime) -> bool:
    """Tell whether it waits for an answer that may still be given."""
    return request.state == Request.State.VALIDATING and not over(request, now=now)


def over(request: Request, *, now: datetime) -> bool:
    """Tell whether its time is up."""
    return request.expires_at <= now and answer_until(request) <= now


def put_off(end: datetime, times: Iterable[tuple[datetime, datetime]]) -> datetime:
    """Return an end moved by the times that do not count; where they overlap, once."""
    counted = None
    for begun, ended in sorted(times):
        begin = begun if counted is None else max(begun, counted)
        if begin >= end:
            break
        if ended > begin:
            end, counted = end + (ended - begin), ended
    return end


def _pauses(request: Request) -> list[tuple[datetime, datetime]]:
    begun = request.expires_at - LIFETIME
    times = times_paused(request.asker_id, HAND_OVER, since=begun)
    said = Side.objects.filter(
        request=request, who=Side.Who.NEWCOMER, accepted_at__isnull=False
    ).first()
    if said is not None and said.accepted_at is not None and request.to_account_id is not None:
        since = max(begun, said.accepted_at)
        times += times_paused(request.to_account_id, HAND_OVER, since=since)
    return times
