"""What the pages of a case show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from nichandle.identity.cases.clock import WAIT
from nichandle.identity.cases.kinds import CHECKLISTS, ITEMS, REASONS
from nichandle.identity.cases.models import Case, Paper
from nichandle.identity.cases.papers import uploads
from nichandle.identity.cases.queries import papers_of
from nichandle.identity.recovery.procedure.forms import PaperForm
from nichandle.platform.kernel.wording.durations import HOUR, whole
from nichandle.platform.kernel.wording.figures import with_figures

STEPS = (_("Account"), _("Code"), _("Holder"), _("Papers"))


MAY_OBJECT = with_figures(
    ngettext_lazy(
        "An hour in which the addresses of the account may object",
        "%(hours)s hours in which the addresses of the account may object",
        "hours",
    ),
    hours=whole(WAIT, HOUR),
)


@dataclass(frozen=True, slots=True)
class WantedPaper:
    """One paper of the checklist: what makes a good one, what is there, the form to add one."""

    name: str | Promise
    good: str | Promise
    there: Sequence[Paper]
    form: PaperForm


def step_of(case: Case) -> str:
    """Return which step of a case is due."""
    if case.state != Case.State.FILING:
        return "state"
    if case.new_proven_at is None:
        return "code"
    return "papers" if case.holder else "holder"


def line(current: int) -> dict[str, Any]:
    """Return what the line of steps shows."""
    return {"rows": list(enumerate(STEPS, 1)), "current": current}


def wanted(case: Case, bound: PaperForm | None = None) -> list[WantedPaper]:
    """Return the checklist of a case; ``bound`` is the form that was just sent, with its error."""
    there = papers_of(case)
    chosen = bound.data.get("item") if bound is not None else None
    items = dict.fromkeys([*CHECKLISTS.get(case.holder, ()), *case.asked_for])
    return [
        WantedPaper(
            *ITEMS[item],
            [paper for paper in there if paper.item == item],
            bound if bound is not None and item == chosen else _empty(item),
        )
        for item in items
    ]


def checking(rows: Sequence[WantedPaper]) -> bool:
    """Tell whether a paper is still being looked at."""
    return any(paper.state == Paper.State.CHECKING for row in rows for paper in row.there)


def _empty(item: str) -> PaperForm:
    return PaperForm(initial={"item": item}, auto_id=f"id_{item}_%s")


@dataclass(frozen=True, slots=True)
class Milestone:
    """One line of the timeline: what, when, and whether it is passed or is where one stands."""

    what: str | Promise
    at: datetime | None = None
    passed: bool = False
    current: bool = False


def timeline(case: Case) -> list[Milestone]:
    """
    Return how far a case is.

    An objection is not told before the decision: it would tell that there is such an account.
    """
    lines = [
        Milestone(_("Address proven"), case.new_proven_at, passed=True),
        Milestone(_("Case received"), case.opened_at, passed=True),
    ]
    if case.state == Case.State.OPEN:
        return [
            *lines,
            Milestone(_("Two of our reviewers look into it"), current=True),
            Milestone(_("Decision")),
            Milestone(_("New password")),
        ]
    if case.state == Case.State.APPROVED:
        return [
            *lines,
            Milestone(_("Approved"), case.decided_at, passed=True),
            Milestone(MAY_OBJECT, current=True),
            Milestone(_("New password"), case.due_at),
        ]
    endings = {
        Case.State.DONE: _("Done: the link for a new password went to your new address"),
        Case.State.REFUSED: _("Refused"),
        Case.State.WITHDRAWN: _("Withdrawn"),
        Case.State.CLOSED: _("Closed"),
    }
    return [*lines, Milestone(endings[Case.State(case.state)], case.ended_at, current=True)]


def shown(case: Case, bound: PaperForm | None = None) -> dict[str, Any]:
    """Return what the page of a sent case shows."""
    takes = uploads.takes_papers(case)
    rows = wanted(case, bound) if takes else []
    return {
        "case": case,
        "timeline": timeline(case),
        "reasons": [REASONS[reason] for reason in case.reasons if reason in REASONS],
        "wanted": rows,
        "checking": checking(rows),
        "refused": any(paper.state == Paper.State.REFUSED for row in rows for paper in row.there),
        "running": case.state in {Case.State.OPEN, Case.State.APPROVED},
    }
