"""Papers: taken as they come, and taken back."""

from uuid import uuid4

from django.db import transaction
from django.db.models import Sum

from nichandle.identity.cases.errors import (
    FilingGone,
    PaperEmpty,
    PaperTooLarge,
    PaperTypeWrong,
    TooManyPapers,
)
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.kinds import CHECKLISTS
from nichandle.identity.cases.models import Case, Paper, PaperBody
from nichandle.identity.cases.papers import room
from nichandle.identity.cases.queries import lock_case, of_secret
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.catalogue import LimitName
from nichandle.platform.limits.operations import check, spend

LARGEST = 10 * 1024 * 1024
MOST, MOST_TOGETHER = 12, 40 * 1024 * 1024
SIGNATURES = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png", b"%PDF-": "pdf"}
REFUSED: LimitName = "case.paper_refused"


def add(*, secret: str, item: str, data: bytes, size: int, act: Act) -> None:
    """
    Take a paper, sealed under the key of its case; what it holds the worker looks at.

    Here only what it begins with is read: nothing a stranger sends is opened in a request.
    ``size`` is that of the file; ``data`` may be less, when it was not read to its end.

    :raises FilingGone: when no case takes papers under this secret
    :raises PaperRefused: when it is empty, too large or of another type
    :raises TooManyPapers: beyond twelve, or 40 MB together
    :raises NoRoomForPapers: while papers fill what they may
    :raises Exhausted: after very many from one network or for one case, or many refused of one case
    """
    found = of_secret(secret)
    if found is None or not takes_papers(found) or item not in items_of(found):
        raise FilingGone
    if size > LARGEST:
        raise PaperTooLarge
    if not data:
        raise PaperEmpty
    check((REFUSED, found.number), now=act.now)
    spend("case.paper", key=act.origin.network, now=act.now)
    spend("case.papers_of_case", key=found.number, now=act.now)
    media = media_of(data)
    if media is None:
        raise PaperTypeWrong
    _refuse_beyond(found, size)
    name = uuid4().hex
    sealed = sealing.seal(found, name, data)
    with transaction.atomic():
        case = lock_case(found)
        if not takes_papers(case) or case.key != found.key:
            raise FilingGone
        _refuse_beyond(case, size)
        # A better one takes the place of what was refused.
        Paper.objects.filter(case=case, item=item, state=Paper.State.REFUSED).delete()
        paper = Paper.objects.create(
            case=case, name=name, item=item, media=media, size=size, added_at=act.now
        )
        PaperBody.objects.create(paper=paper, sealed=sealed)


def media_of(data: bytes) -> str | None:
    """Judge by what a file begins with; its name and what the browser says are hearsay."""
    return next((kind for begin, kind in SIGNATURES.items() if data.startswith(begin)), None)


@transaction.atomic
def remove(*, secret: str, name: str) -> bool:
    """Take a paper back before the case is sent; False when there is none of this name."""
    found = of_secret(secret)
    if found is None or lock_case(found).state != Case.State.FILING:
        return False
    removed, _by_model = Paper.objects.filter(case=found, name=name).delete()
    return bool(removed)


def takes_papers(case: Case) -> bool:
    """Tell whether papers may be added: while it is filed, address proven, or being reviewed."""
    proven = case.new_proven_at is not None and case.holder != ""
    return proven and case.key is not None and case.state in {Case.State.FILING, Case.State.OPEN}


def items_of(case: Case) -> tuple[str, ...]:
    """Return the papers that this case may hold: its holder's checklist, and what was asked for."""
    listed = CHECKLISTS.get(case.holder, ())
    return (*listed, *(item for item in case.asked_for if item not in listed))


def _refuse_beyond(case: Case, size: int) -> None:
    papers = Paper.objects.filter(case=case).exclude(state=Paper.State.REFUSED)
    together = papers.aggregate(together=Sum("size"))["together"] or 0
    if papers.count() >= MOST or together + size > MOST_TOGETHER:
        raise TooManyPapers
    room.require(size)
