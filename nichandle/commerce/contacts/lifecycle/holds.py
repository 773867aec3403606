"""
What becomes of requests when their account's owner disowns an act: "it was not me".

And when access is given back. Both run before any ledger is written: requests are locked before
ledgers, wherever both are.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from nichandle.commerce.contacts.lifecycle.book import Book
from nichandle.commerce.contacts.lifecycle.endings import end
from nichandle.commerce.contacts.lifecycle.steps import move
from nichandle.commerce.contacts.models import Dispute, Request, Side
from nichandle.commerce.contacts.words import OPEN
from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.audit.operations import NewEntry
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE


def parties(request: Request) -> list[UUID]:
    """Return who has a part in a request: the asker, and a newcomer who has said yes."""
    said = Side.objects.filter(
        request=request, who=Side.Who.NEWCOMER, accepted_at__isnull=False
    ).exists()
    newcomer = request.to_account_id
    return [request.asker_id, newcomer] if said and newcomer is not None else [request.asker_id]


def suspend(account_id: UUID, *, since: datetime, act: Act) -> None:
    """
    End what was asked since the disowned act; hold, for the owner to resume, what was before.

    A yes that came since is void. A newcomer who has said nothing has nothing to hold, and the
    asker learns nothing.
    """
    said = Q(sides__who=Side.Who.NEWCOMER, sides__accepted_at__isnull=False)
    mine = Q(asker_id=account_id) | Q(to_account_id=account_id) & said
    keys = set(Request.objects.filter(mine, state__in=OPEN).values_list("pk", flat=True))
    book, held = Book(), 0
    for request in locked(Request.objects.filter(pk__in=keys, state__in=OPEN).order_by("pk")):
        asking = request.asker_id == account_id
        if asking and request.asked_at >= since:
            end(
                request,
                Request.State.ABORTED,
                book=book,
                act=Act.by_itself(act.now),
                reason="disowned",
            )
            continue
        void = _void_yes(request, account_id, since, book=book, now=act.now)
        if asking or not void:
            request.hold_for(account_id, act.now)
            _tell(request, "contact.held", account_id, book)
            held += 1
    if held:
        book.add(NewEntry("contact.held", account_id, act.origin, {"count": held}))
    book.write(now=act.now)


def _void_yes(
    request: Request, account_id: UUID, since: datetime, *, book: Book, now: datetime
) -> bool:
    """Take back the yes that an account gave since a disowned act; tell whether there was one."""
    who = Side.Who.ASKER if account_id == request.asker_id else Side.Who.NEWCOMER
    given = Side.objects.filter(request=request, who=who, accepted_at__gte=since)
    if not given.update(accepted_at=None):
        return False
    if who == Side.Who.NEWCOMER or request.takes_for_oneself:
        request.terms_at = None
        request.save(update_fields=["terms_at"])
    if request.state == Request.State.DOING:
        move(request, Request.State.VALIDATING, now=now)
    book.add(NewEntry("contact.answer_void", account_id, NOWHERE, {"request": request.pk}))
    _tell(request, "contact.answer_void", account_id, book)
    return True


def _tell(request: Request, act: LedgerAct, account_id: UUID, book: Book) -> None:
    """Enter in the other side's ledger what happened to a request."""
    for party in parties(request):
        if party != account_id:
            book.add(NewEntry(act, party, NOWHERE, {"request": request.pk}))


def end_all(account_id: UUID, *, now: datetime) -> None:
    """
    End every request the account has a part in: its links may be in the hands of another.

    Its dispute links are void too; signed in, a hand-over can be disputed still.
    """
    part = Q(asker_id=account_id) | Q(from_account_id=account_id) | Q(to_account_id=account_id)
    book = Book()
    for request in _open(Request.objects.filter(part).values_list("pk", flat=True)):
        reason = "access_given" if request.asker_id == account_id else "case"
        end(request, Request.State.ABORTED, book=book, act=Act.by_itself(now), reason=reason)
    book.write(now=now)
    links = Dispute.objects.filter(request__from_account_id=account_id, opened_at=None)
    links.update(digest=None)


def _open(keys: Iterable[int]) -> Iterable[Request]:
    return locked(Request.objects.filter(pk__in=set(keys), state__in=OPEN).order_by("pk"))
