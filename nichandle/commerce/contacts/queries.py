"""Reading requests."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise

from nichandle.commerce.contacts import clock
from nichandle.commerce.contacts.models import Dispute, Item, Request, Side
from nichandle.commerce.contacts.rules import DISPUTABLE
from nichandle.commerce.contacts.telling.audience import NAMES_SHOWN
from nichandle.commerce.contacts.telling.content import Content
from nichandle.commerce.services.queries import by_key, contacts_of
from nichandle.commerce.services.words import ROLES
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.paging import Page
from nichandle.platform.kernel.reading.questions import Question, answered, ask, question

NAMES_IN_A_LIST = 3
REQUESTS_SHOWN, LONGEST_KEY = 25, 18
NOBODY = "-"
"""No key of an address: that of an account without one."""


def request_of(request_id: int) -> Request | None:
    """Return a request with its people; whose it is has to be asked apart."""
    rows = Request.objects.select_related(
        "asker__handle", "from_account__handle", "to_account__handle"
    )
    return rows.filter(pk=request_id).first()


def side_of(secret: str) -> Side | None:
    """Return the side whose mail holds this secret; None when it works no more."""
    rows = Side.objects.select_related("request", "request__asker__handle")
    return rows.filter(digest=tokens.digest(secret)).first()


def who(request: Request, account: Account) -> str | None:
    """Tell which side of a request an account is on; the newcomer by its proven address too."""
    if account.pk == request.asker_id:
        return Side.Who.ASKER
    if request.to_account_id is not None:
        return Side.Who.NEWCOMER if account.pk == request.to_account_id else None
    named = request.newcomer_key and request.newcomer_key == account.email_key
    return Side.Who.NEWCOMER if named else None


def sides_of(request: Request) -> dict[str, Side]:
    return {side.who: side for side in Side.objects.filter(request=request)}


def service_ids(request_id: int) -> list[int]:
    """Return the services of a request."""
    rows = Item.objects.filter(request_id=request_id)
    return sorted(set(rows.values_list("service_id", flat=True)))


def content(request: Request) -> Content:
    """Return what a request is about; at most three statements."""
    items = Item.objects.filter(request=request)
    if request.open:
        items = items.filter(state__in=(Item.State.OPEN, Item.State.WAITING))
    elif request.state == Request.State.DONE:
        items = items.filter(state=Item.State.DONE)
    pairs = list(items.values_list("service_id", "role"))
    numbers = sorted({service_id for service_id, _role in pairs})
    roles = {role for _service_id, role in pairs}
    shown = by_key(numbers[:NAMES_SHOWN])
    return Content(
        tuple(role for role in ROLES if role in roles),
        sorted(shown.values(), key=lambda service: service.name_folded),
        len(numbers),
    )


def contents(requests: Sequence[Request]) -> list[tuple[Request, Content]]:
    """Return requests with what they are about, in two statements for all."""
    keys = [request.pk for request in requests]
    numbers: dict[int, set[int]] = {key: set() for key in keys}
    roles: dict[int, set[str]] = {key: set() for key in keys}
    triples = Item.objects.filter(request_id__in=keys)
    for key, service_id, role in triples.values_list("request_id", "service_id", "role"):
        numbers[key].add(service_id)
        roles[key].add(role)
    few = {key: sorted(numbers[key])[:NAMES_IN_A_LIST] for key in keys}
    services = by_key({number for some in few.values() for number in some})
    return [
        (
            request,
            Content(
                tuple(role for role in ROLES if role in roles[request.pk]),
                [services[number] for number in few[request.pk]],
                len(numbers[request.pk]),
            ),
        )
        for request in requests
    ]


def visible(request: Request, account: Account) -> bool:
    """Tell whether an account may see a request: the newcomer once its mail has left."""
    side = who(request, account)
    if side != Side.Who.NEWCOMER:
        return side is not None
    return Side.objects.filter(request=request, who=side, sent__gt=0).exists()


@dataclass(frozen=True, slots=True)
class Box:
    """One page of the requests that one made, or of those that one is asked, newest first."""

    name: str
    page: Page[Request]
    waiting: int
    disputable: list[Dispute]


def box(account_id: UUID, email_key: str, *, name: str | None, after: str, now: datetime) -> Box:
    """
    Return what the page of requests shows; one round trip.

    ``name`` is "received" or "sent"; where it is not said, those received if any waits.
    """
    before = int(after) if after.isdecimal() and len(after) <= LONGEST_KEY else None
    sent, received = _sent(account_id, before), _to(account_id, email_key or NOBODY, before)
    waiting = to_answer_asked(account_id, email_key, now=now)
    lost = _disputable(account_id, now)
    ask(sent, received, waiting, lost)
    name = name or ("received" if waiting.answer else "sent")
    found = received.answer if name == "received" else sent.answer
    rows = found[:REQUESTS_SHOWN]
    following = str(rows[-1].pk) if len(found) > REQUESTS_SHOWN else None
    return Box(name, Page(rows, following), waiting.answer, lost.answer)


@question
def _sent(account_id: UUID, before: int | None) -> QuerySet[Request]:
    return _newest(Request.objects.filter(asker_id=account_id), before)


@question
def _to(account_id: UUID, email_key: str, before: int | None) -> QuerySet[Request]:
    return _newest(_received(account_id, email_key).select_related("asker__handle"), before)


def _newest(rows: QuerySet[Request], before: int | None) -> QuerySet[Request]:
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.order_by("-pk")[: REQUESTS_SHOWN + 1]


@question
def _disputable(account_id: UUID, now: datetime) -> QuerySet[Dispute]:
    return disputable(account_id, now=now)


def to_answer(account_id: UUID, email_key: str, *, now: datetime) -> int:
    """Return how many requests wait for this account's answer, up to 100."""
    return answered(to_answer_asked(account_id, email_key, now=now))


def to_answer_asked(account_id: UUID, email_key: str, *, now: datetime) -> Question[int]:
    """Ask for what ``to_answer`` returns."""
    return _waiting(account_id, email_key or NOBODY).then(
        lambda waiting: sum(not clock.over(one, now=now) for one in waiting)
    )


@question
def _waiting(account_id: UUID, email_key: str) -> QuerySet[Request]:
    rows = _received(account_id, email_key, sides__accepted_at=None)
    return rows.filter(state=Request.State.VALIDATING)[:100]


def dispute_of(secret: str, *, now: datetime) -> Dispute | None:
    """Return what a dispute link opens; None when it was used or is too old."""
    rows = _open_to_dispute(now).filter(digest=tokens.digest(secret))
    return rows.select_related("request__asker__handle", "request__to_account__handle").first()


def disputed_services(request_id: int) -> list[int]:
    """Return the services of a hand-over that its outgoing owner or administrator may dispute."""
    return sorted({item.service_id for item in disputed_items(request_id)})


def disputed_items(request_id: int) -> list[Item]:
    """Return what of a hand-over its outgoing owner or administrator may dispute."""
    rows = Item.objects.filter(request_id=request_id, state=Item.State.DONE, role__in=DISPUTABLE)
    return list(rows.order_by("pk"))


def disputable(
    account_id: UUID, *, now: datetime, request_id: int | None = None
) -> QuerySet[Dispute]:
    """Return the hand-overs, or the one, that an account may dispute still, oldest first."""
    rows = _open_to_dispute(now).filter(request__from_account_id=account_id)
    if request_id is not None:
        rows = rows.filter(request_id=request_id)
    people = ("request__asker__handle", "request__to_account__handle")
    return rows.select_related(*people).order_by("pk")


def _open_to_dispute(now: datetime) -> QuerySet[Dispute]:
    """Without those an asker had of their own hand-over, in a release before this one."""
    rows = Dispute.objects.filter(opened_at=None, expires_at__gt=now)
    return rows.exclude(request__asker_id=F("request__from_account_id"))


def disputed_now(number: str) -> list[tuple[str, str | Promise, str]]:
    """Return who has the roles that the dispute of a case is about: service, role, identifier."""
    found = Dispute.objects.filter(case_number=number).first() if number else None
    items = disputed_items(found.request_id) if found else []
    contacts = contacts_of({item.service_id for item in items})
    rows = [contacts[item.service_id, item.role] for item in items]
    return [
        (row.service.name, row.role_word, row.account.handle_text) for row in rows[:NAMES_SHOWN]
    ]


def open_disputes() -> list[Dispute]:
    """Return the disputes nobody has settled, oldest first."""
    rows = Dispute.objects.filter(opened_at__isnull=False, settled_at=None)
    people = (
        "request__asker__handle",
        "request__from_account__handle",
        "request__to_account__handle",
    )
    return list(rows.select_related(*people).order_by("opened_at"))


def open_requests_on(service_ids: Collection[int]) -> list[int]:
    """Return the open requests about any of these services."""
    rows = Item.objects.filter(service_id__in=service_ids, state=Item.State.OPEN)
    return sorted(set(rows.values_list("request_id", flat=True)))


def _received(account_id: UUID, email_key: str, **side: None) -> QuerySet[Request]:
    """Those whose mail has left: before that, nobody but the asker knows of it."""
    invited = Q(to_account=None, newcomer_key=email_key)
    rows = Request.objects.filter(Q(to_account_id=account_id) | invited)
    return rows.filter(sides__who=Side.Who.NEWCOMER, sides__sent__gt=0, **side)
