"""What the page of a case shows to a reviewer."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.contacts.queries import disputed_now
from nichandle.commerce.services.words import ROLES
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.rules import KIND_LABELS
from nichandle.identity.cases import clock, queries
from nichandle.identity.cases.kinds import CHECKLISTS
from nichandle.identity.cases.models import Case, Review, Reviewer
from nichandle.identity.cases.papers import sealing
from nichandle.platform.kernel import addresses
from nichandle.sites.desk.forms import (
    ApprovalForm,
    AskForm,
    ClosingForm,
    RefusalForm,
    SettlementForm,
)

Fact = tuple[str | Promise, str]

FACTS: dict[str, str | Promise] = {
    "since": _("Contested act of"),
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
        return str(date_format(localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT"))
    if name == "roles":
        # Older cases keep them as one text.
        keys = value.split(", ") if isinstance(value, str) else value
        return ", ".join(str(ROLES.get(key, key)) for key in keys)
    return ", ".join(value) if isinstance(value, list) else str(value)


def case_shown(
    case: Case, who: Reviewer, forms: dict[str, Any], *, now: datetime
) -> dict[str, Any]:
    """Return the page's facts; ``forms`` are those just sent, with their errors."""
    reviews = queries.reviews_of(case)
    mine = next((review for review in reviews if review.reviewer_id == who.pk), None)
    account = queries.account_of(case)
    items = CHECKLISTS.get(case.holder, ())
    approvals = sum(review.outcome == Review.Outcome.APPROVED for review in reviews)
    third = case.contested_at is not None and approvals >= clock.REVIEWERS
    return {
        "case": case,
        "account": None,
        "owner": account,
        "facts": holder_facts(account) if account else [],
        "words": sealing.words_of(case) if mine else "",
        "papers": queries.papers_of(case) if mine and case.key else [],
        "reviews": reviews,
        "mine": mine,
        "pending": mine is not None and mine.outcome == Review.Outcome.PENDING,
        "needed": clock.needed(case),
        "takes": mine is None
        and case.state == Case.State.OPEN
        and len(reviews) < clock.needed(case),
        "objections": queries.objections_of(case),
        "notices": queries.notices_of(case),
        "others": [other for other in queries.running_of(account.pk) if other.pk != case.pk]
        if account
        else [],
        "approval": forms.get("approval") or ApprovalForm(items=items, contested=third),
        "refusal": forms.get("refusal") or RefusalForm(auto_id="id_refusal_%s"),
        "closing": forms.get("closing") or ClosingForm(auto_id="id_closing_%s"),
        "settling": forms.get("settling") or SettlementForm(auto_id="id_settling_%s"),
        "holders": disputed_now(case.number) if case.sort.settled else [],
        "asked": asked_facts(case),
        "asking": forms.get("asking") or AskForm(auto_id="id_asking_%s"),
        "reviewer": who,
        "now": now,
    }
