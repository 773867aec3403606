"""What the page of a case shows to a reviewer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.contacts.queries import disputed_now
from nichandle.commerce.services.words import ROLES
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.rules import KIND_LABELS
from nichandle.identity.cases import clock, queries
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.kinds import ITEMS
from nichandle.identity.cases.models import Case, Objection, Review
from nichandle.identity.cases.review import places
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.wording import moments
from nichandle.sites.desk import changes
from nichandle.sites.desk.forms import (
    ApprovalForm,
    AskForm,
    ClosingForm,
    RefusalForm,
    SettlementForm,
)

Fact = tuple[str | Promise, str]
CLAIMED: dict[str, str | Promise] = dict(KIND_LABELS)

FACTS: dict[str, str | Promise] = {
    "since": _("Contested act of"),
    "said_by": _("Contested by"),
    "dispute": _("Number of the dispute"),
    "before": _("Contact before"),
    "newcomer": _("Newcomer"),
    "asked_by": _("Asked by"),
    "roles": _("Roles"),
    "services": _("Services"),
}
"""What cases are opened with, as a reviewer reads it."""


def holder_facts(account: Account) -> list[Fact]:
    """Return what is on file and papers are compared with."""
    rows: list[Fact] = [
        (_("Holder"), str(dict(KIND_LABELS).get(account.kind, account.kind))),
        (_("Name"), f"{account.given_name} {account.family_name}".strip()),
        (_("Organisation"), account.organisation),
        (_("Company number"), account.company_number),
        (_("Association number"), account.association_number),
        (_("Address"), ", ".join(filter(None, [account.address, account.address_more]))),
        (_("City"), f"{account.postcode} {account.city}".strip()),
        (_("Country"), account.country),
        (_("Phone"), account.phone),
        (_("Contact address"), addresses.shown(account.email)),
    ]
    return [(name, value) for name, value in rows if value]


def asked_facts(case: Case) -> list[Fact]:
    """Return what the case was opened with, in words; what has none is not for a reviewer."""
    return [
        (label, _said(name, case.facts[name]))
        for name, label in FACTS.items()
        if case.facts.get(name) not in (None, "", [])
    ]


def _said(name: str, value: Any) -> str:
    if name == "since":
        return moments.written(datetime.fromisoformat(value))
    if name == "roles":
        # Older cases keep them as one text.
        keys = value.split(", ") if isinstance(value, str) else value
        return ", ".join(str(ROLES.get(key, key)) for key in keys)
    return ", ".join(value) if isinstance(value, list) else str(value)


def case_shown(
    case: Case, who: StaffMember, forms: dict[str, Any], *, now: datetime
) -> dict[str, Any]:
    """
    Return the page's facts; ``forms`` are those just sent, with their errors.

    Whoever has not taken the case up sees what it is about and who works on it: of the holder, of
    who asks and of who objects nothing.
    """
    reviews = places.held(case, now=now)
    mine = next((review for review in reviews if review.reviewer_id == who.pk), None)
    account = queries.account_of(case)
    return {
        "case": case,
        "account": None,
        "owner": account,
        "reviews": [_review(case, review, mine) for review in reviews],
        "mine": mine,
        "pending": mine is not None and mine.outcome == Review.Outcome.PENDING,
        "needed": clock.needed(case),
        "takes": mine is None
        and case.state == Case.State.OPEN
        and places.admits(case, who.pk, now=now),
        "objected": len(queries.objections_of(case)),
        "others": [other for other in queries.running_of(account.pk) if other.pk != case.pk]
        if account
        else [],
        "overdue": clock.overdue(case, now=now),
        "reviewer": who,
        "now": now,
        **(_for_its_reviewers(case, account, mine, now=now) if mine else {}),
        **_forms(case, reviews, forms),
    }


def _for_its_reviewers(
    case: Case, account: Account | None, mine: Review, *, now: datetime
) -> dict[str, Any]:
    """Return what only those read who have taken the case up."""
    return {
        "facts": holder_facts(account) if account else [],
        "changed": changes.lately(account.pk, case, now=now) if account else [],
        "claimed": CLAIMED.get(case.holder, case.holder),
        "differs": bool(account and case.holder and case.holder != account.kind),
        "words": sealing.words_of(case),
        "papers": queries.papers_of(case) if case.key else [],
        "objections": [(row, _said_in(case, row)) for row in queries.objections_of(case)],
        "notices": queries.notices_of(case),
        "holders": disputed_now(case.number) if case.sort.settled else [],
        "asked": asked_facts(case),
        "ends_at": clock.place_ends_at(mine.acted_at or mine.taken_at),
    }


def _forms(case: Case, reviews: Sequence[Review], sent: dict[str, Any]) -> dict[str, Any]:
    judgeable = queries.judgeable(case)
    items = tuple(item for item in ITEMS if item in judgeable)
    approvals = sum(review.outcome == Review.Outcome.APPROVED for review in reviews)
    third = case.contested_at is not None and approvals >= clock.REVIEWERS
    return {
        "approval": sent.get("approval") or ApprovalForm(items=items, contested=third),
        "refusal": sent.get("refusal") or RefusalForm(auto_id="id_refusal_%s"),
        "closing": sent.get("closing") or ClosingForm(auto_id="id_closing_%s"),
        "settling": sent.get("settling") or SettlementForm(auto_id="id_settling_%s"),
        "asking": sent.get("asking") or AskForm(auto_id="id_asking_%s"),
    }


def _said_in(case: Case, row: Objection) -> str:
    return sealing.words_of(case, row.words, name=sealing.of_objection(row))


def _review(case: Case, review: Review, mine: Review | None) -> tuple[Review, str]:
    """Return a reviewer's part, with their words for those who have the case too."""
    name = sealing.of_review(review)
    return review, sealing.words_of(case, review.words, name=name) if mine else ""
