"""
Papers are looked at by the worker: one at a time for each case, each once, whatever it costs.

A paper is claimed by a time on its case's row, drawn outside any transaction, and settled if it
still waits then. A worker that is killed in between leaves a claim that runs out, and no more.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import override

from nichandle.identity.cases import mails
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.kinds import ITEMS, PAPER_REASONS
from nichandle.identity.cases.models import Case, Paper, PaperBody
from nichandle.identity.cases.papers import drawing
from nichandle.identity.cases.papers.uploads import REFUSED, media_of
from nichandle.identity.cases.queries import lock_case
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.clock import Clock
from nichandle.platform.kernel.database import run_together
from nichandle.platform.limits.operations import spending

CLAIM = timedelta(seconds=drawing.CHECK_SECONDS + 15)
"""Longer than the longest look at one paper."""


@dataclass(frozen=True, slots=True)
class PaperVerdict:
    """What a look at a paper came to: its pages and what to keep, or why it is refused."""

    pages: int = 0
    reason: str = ""
    kept: bytes = b""
    """In place of what was sent, being smaller: the picture drawn anew, a PDF's pages copied."""


def judge_next(*, now: datetime, clock: Clock) -> bool:
    """Look at one paper, of the case whose turn it is; False when none waits."""
    # A look before the transaction: an idle worker must not hold SQLite's only writer.
    found = _waiting(now).first()
    if found is None:
        return False
    claimed = _claim(found, now=now)
    if claimed is not None:
        paper, data = claimed
        _settle(paper, _look(data), now=clock())
    return True


def _waiting(now: datetime) -> QuerySet[Paper]:
    """Return what may be looked at: of a case that has waited longest, its oldest first."""
    free = Q(case__judging_until=None) | Q(case__judging_until__lte=now)
    rows = Paper.objects.filter(free, state=Paper.State.CHECKING, body__isnull=False)
    return rows.order_by(F("case__judging_until").asc(nulls_first=True), "pk")


@transaction.atomic
def _claim(found: Paper, *, now: datetime) -> tuple[Paper, bytes] | None:
    case = lock_case(found.case)
    paper = _waiting(now).filter(pk=found.pk).first()
    body = PaperBody.objects.filter(paper=found).first()
    if paper is None or body is None or case.key is None:
        return None
    case.judging_until = now + CLAIM
    case.save(update_fields=["judging_until"])
    return paper, sealing.unseal(case, paper.name, bytes(body.sealed))


def _look(data: bytes) -> PaperVerdict:
    try:
        said, _break, kept = drawing.run(data, "check").partition(b"\n")
        return PaperVerdict(pages=int(json.loads(said)["pages"]), kept=kept)
    except drawing.NotDrawn as refusal:
        return PaperVerdict(reason=refusal.reason)


@transaction.atomic
def _settle(found: Paper, verdict: PaperVerdict, *, now: datetime) -> None:
    case = lock_case(found.case)
    case.judging_until = now
    case.save(update_fields=["judging_until"])
    paper = Paper.objects.filter(pk=found.pk, state=Paper.State.CHECKING).first()
    # Taken back, or erased with its case, while it was looked at.
    if paper is None or case.key is None:
        return
    if not verdict.reason:
        paper.state, paper.pages = Paper.State.GOOD, verdict.pages
        if verdict.kept:
            _keep(case, paper, verdict.kept)
        paper.save(update_fields=["state", "pages", "size", "media"])
        return
    paper.state, paper.reason = Paper.State.REFUSED, verdict.reason
    paper.save(update_fields=["state", "reason"])
    PaperBody.objects.filter(paper=paper).delete()
    run_together([spending(REFUSED, key=case.number, now=now)])
    if case.state == Case.State.OPEN:
        _tell(case, paper, now)


def _keep(case: Case, paper: Paper, kept: bytes) -> None:
    """Keep this in place of what was sent: noise behind a picture's end would fill the disk."""
    sealed = sealing.seal(case, paper.name, kept)
    PaperBody.objects.filter(paper=paper).update(sealed=sealed)
    paper.size, paper.media = len(kept), media_of(kept) or paper.media


def _tell(case: Case, paper: Paper, now: datetime) -> None:
    """Write to who has sent the case already, and may not look at its page any more."""
    with override(case.language):
        facts = {"item": str(ITEMS[paper.item][0]), "why": str(PAPER_REASONS[paper.reason])}
    mails.to_claimant(case, "cases/mail/paper_refused", facts=facts, act=Act.by_itself(now))
