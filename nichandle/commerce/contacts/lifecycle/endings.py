"""
How a request ends without effect: refused, withdrawn, replaced, lapsed.

The newcomer is told by the worker: whoever asked must not learn from how long their page takes
whether there is one.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from nichandle.commerce.contacts import clock, mails
from nichandle.commerce.contacts.lifecycle.book import Book
from nichandle.commerce.contacts.lifecycle.steps import due_for_a_look, look_again_later, move
from nichandle.commerce.contacts.models import Item, Request, Side
from nichandle.commerce.contacts.queries import content
from nichandle.commerce.contacts.telling.content import Content
from nichandle.commerce.contacts.words import ENDED, OPEN
from nichandle.identity.accounts.models import Account
from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.audit.operations import NewEntry
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import claimable, locked
from nichandle.platform.kernel.origin import NOWHERE, Origin

AT_ONCE = 100
ENDS: Mapping[str, LedgerAct] = {
    Request.State.REFUSED: "contact.refused",
    Request.State.EXPIRED: "contact.lapsed",
    Request.State.ERROR: "contact.failed",
}
"""What the ledger calls an end; of any other, the request was aborted."""


def end(
    request: Request,
    state: Request.State,
    *,
    book: Book,
    act: Act,
    reason: str = "",
    by: str = "",
) -> None:
    """
    End a request, whose row the caller holds, and tell both sides.

    ``by`` is the side that did it: the other reads nothing of from where.
    """
    about = content(request)
    move(request, state, now=act.now, reason=reason)
    own = act.origin if by == Side.Who.ASKER else NOWHERE
    _tell(request, request.asker, about, book=book, act=Act(own, act.now))
    if by == Side.Who.NEWCOMER and request.to_account is not None:
        _tell(request, request.to_account, about, book=book, act=act)
    elif not request.takes_for_oneself:
        enqueue("contacts.tell_newcomer", {"request": request.pk}, now=act.now)


@transaction.atomic
def tell_newcomer(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Tell the newcomer of a request that ended, if one of its mails ever reached them."""
    request = Request.objects.filter(pk=payload["request"], state__in=ENDED).first()
    if request is None or request.to_account is None or request.takes_for_oneself:
        return
    if not Side.objects.filter(request=request, who=Side.Who.NEWCOMER, written__gt=0).exists():
        return
    book = Book()
    _tell(request, request.to_account, content(request), book=book, act=Act.by_itself(now))
    book.write(now=now)


def _tell(request: Request, account: Account, about: Content, *, book: Book, act: Act) -> None:
    details = {
        "roles": list(about.roles),
        "services": about.names,
        "reason": request.reason or None,
    }
    book.add(_line(request.state, account.pk, act.origin, details))
    mails.ended(request, account, about, act=act)


def _line(state: str, account_id: UUID, origin: Origin, details: Mapping[str, object]) -> NewEntry:
    return NewEntry(ENDS.get(state, "contact.aborted"), account_id, origin, details)


def close_items(item_ids: Collection[int], reason: str, *, book: Book, now: datetime) -> None:
    """Take roles out of open requests; a request that has none left is aborted."""
    if not item_ids:
        return
    rows = Item.objects.filter(pk__in=item_ids)
    requests = _lock_requests(sorted(set(rows.values_list("request_id", flat=True))))
    rows.filter(state=Item.State.OPEN).update(state=Item.State.CLOSED)
    still = Item.objects.filter(request__in=requests, state=Item.State.OPEN)
    alive = set(still.values_list("request_id", flat=True))
    for request in requests:
        if request.pk not in alive and request.open:
            end(request, Request.State.ABORTED, book=book, act=Act.by_itself(now), reason=reason)


def abort(request_ids: Collection[int], reason: str, *, book: Book, now: datetime) -> None:
    """Abort open requests, whatever is left of them."""
    for request in _lock_requests(sorted(request_ids)):
        if request.open:
            end(request, Request.State.ABORTED, book=book, act=Act.by_itself(now), reason=reason)


def lapse_due(*, now: datetime) -> int:
    """End what nobody answered in time; returns how many."""
    # What waits for a pause to send its mails is looked at there.
    waiting = (Request.State.WRITTEN, Request.State.VALIDATING)
    over = Request.objects.filter(state__in=waiting, expires_at__lte=now, ended_at=None)
    # The clock of one that a program made starts when its owner confirms it.
    over = over.filter(confirmed_at__isnull=False)
    over = over.filter(due_for_a_look(now))
    keys = list(over.order_by("expires_at").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_lapse(key, now) for key in keys)


@transaction.atomic
def _lapse(request_id: int, now: datetime) -> int:
    rows = Request.objects.filter(pk=request_id, ended_at=None, expires_at__lte=now)
    request = claimable(rows).first()
    if request is None or request.state not in {Request.State.WRITTEN, Request.State.VALIDATING}:
        return 0
    if not clock.over(request, now=now):
        look_again_later(request, now=now)
        return 0
    book = Book()
    end(request, Request.State.EXPIRED, book=book, act=Act.by_itself(now))
    book.write(now=now)
    return 1


def _lock_requests(request_ids: Sequence[int]) -> list[Request]:
    rows = Request.objects.filter(pk__in=request_ids, state__in=OPEN)
    return list(locked(rows.order_by("pk")))
