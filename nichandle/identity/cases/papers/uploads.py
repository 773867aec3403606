"""Papers: taken, shown to the reviewers of their case, watermarked, and nobody else."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Sum

from nichandle.identity.cases.errors import (
    FilingGone,
    PaperEmpty,
    PaperTooLarge,
    PaperTypeWrong,
    PaperUnreadable,
    TooManyPapers,
)
from nichandle.identity.cases.kinds import CHECKLISTS
from nichandle.identity.cases.models import Case, Paper, PaperBody, Review
from nichandle.identity.cases.papers import sealing
from nichandle.identity.cases.queries import lock_case, of_number, of_secret, reviewer
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.operations import spend

LARGEST = 10 * 1024 * 1024
MOST, MOST_TOGETHER = 12, 40 * 1024 * 1024
SECONDS = 30
PROGRAM = Path(__file__).with_name("renderer.py")
TYPE_WRONG = 3
"""What the program ends with then; it is not imported, for its libraries stay out of here."""


def add(*, secret: str, item: str, data: bytes, size: int, act: Act) -> None:
    """
    Take a paper: judged by what it holds, sealed under the key of its case.

    ``size`` is that of the file; ``data`` may be less, when it was not read to its end.

    :raises FilingGone: when no case takes papers under this secret
    :raises PaperRefused: when it is empty, too large, of another type, or cannot be opened
    :raises TooManyPapers: beyond twelve, or 40 MB together
    :raises Exhausted: after very many from one network
    """
    found = of_secret(secret)
    if found is None or not takes_papers(found) or item not in items_of(found):
        raise FilingGone
    if size > LARGEST:
        raise PaperTooLarge
    if not data:
        raise PaperEmpty
    _refuse_beyond(found, size)
    spend("case.paper", key=act.origin.network, now=act.now)
    seen = json.loads(_run(data, "check"))
    name = uuid4().hex
    sealed = sealing.seal(found, name, data)
    with transaction.atomic():
        case = lock_case(found)
        if not takes_papers(case) or case.key != found.key:
            raise FilingGone
        _refuse_beyond(case, size)
        paper = Paper.objects.create(
            case=case,
            name=name,
            item=item,
            media=seen["media"],
            size=size,
            pages=seen["pages"],
            added_at=act.now,
        )
        PaperBody.objects.create(paper=paper, sealed=sealed)


@transaction.atomic
def remove(*, secret: str, name: str) -> bool:
    """Take a paper back before the case is sent; False when there is none of this name."""
    found = of_secret(secret)
    if found is None or lock_case(found).state != Case.State.FILING:
        return False
    removed, _by_model = Paper.objects.filter(case=found, name=name).delete()
    return bool(removed)


def show(*, number: str, reviewer_id: UUID, name: str, page: int, now: datetime) -> bytes | None:
    """
    Return a page of a paper as JPEG, watermarked with case, reviewer and time.

    None when there is nothing this reviewer may see: another's case, or a key destroyed.
    """
    case, who = of_number(number), reviewer(reviewer_id)
    if case is None or who is None or case.key is None:
        return None
    if not Review.objects.filter(case=case, reviewer=who).exists():
        return None
    body = PaperBody.objects.select_related("paper").filter(paper__case=case, paper__name=name)
    found = body.first()
    if found is None or not 0 <= page < found.paper.pages:
        return None
    data = sealing.unseal(case, name, bytes(found.sealed))
    words = f"{case.number} · {who.name} · {now:%Y-%m-%d %H:%M} UTC"
    return _run(data, "show", str(page), words)


def takes_papers(case: Case) -> bool:
    """Tell whether papers may be added: while it is filed, address proven, or being reviewed."""
    proven = case.new_proven_at is not None and case.holder != ""
    return proven and case.key is not None and case.state in {Case.State.FILING, Case.State.OPEN}


def items_of(case: Case) -> tuple[str, ...]:
    """Return the papers that this case may hold: its holder's checklist, and what was asked for."""
    listed = CHECKLISTS.get(case.holder, ())
    return (*listed, *(item for item in case.asked_for if item not in listed))


def _refuse_beyond(case: Case, size: int) -> None:
    papers = Paper.objects.filter(case=case)
    together = papers.aggregate(together=Sum("size"))["together"] or 0
    if papers.count() >= MOST or together + size > MOST_TOGETHER:
        raise TooManyPapers


def _run(data: bytes, *arguments: str) -> bytes:
    """Run the renderer on a file; it has no secret, no settings, and ends when its time is up."""
    command = [sys.executable, "-I", str(PROGRAM), *arguments]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired as long:
        raise PaperUnreadable from long
    if done.returncode == TYPE_WRONG:
        raise PaperTypeWrong
    if done.returncode:
        raise PaperUnreadable
    return done.stdout
