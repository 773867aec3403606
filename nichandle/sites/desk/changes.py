"""
What has changed in an account lately, for the reviewers of a case about it.

Papers are compared with what is on file: whoever is in a stolen session may have put their own
name there first. The ledger tells; nothing in it is a secret, and from where it was done is left
out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.rules import LABELS
from nichandle.identity.cases.models import Case
from nichandle.platform.audit import queries as ledger
from nichandle.platform.audit.acts import ACTS, LedgerAct

LOOKED_BACK = timedelta(days=30)
KINDS: dict[str, tuple[LedgerAct, ...]] = {
    "account": ("account.details_changed", "account.disowned"),
    "recovery_address": (
        "recovery_address.added",
        "recovery_address.proven",
        "recovery_address.removed",
        "recovery_address.undone",
    ),
    "email": ("email.changed", "email.change_undone"),
    "factors": ("factors.added", "factors.removed", "factors.codes_made"),
    "password": ("password.changed", "password.reset"),
}
"""Which acts are shown, by the first word of their names."""
NAMES: dict[str, str | Promise] = {**LABELS, "name": _("Name")}


@dataclass(frozen=True, slots=True)
class RecentChange:
    """One change: when, what, and by line what was there before and is now."""

    at: datetime
    what: str | Promise
    lines: tuple[str, ...]


def lately(account_id: UUID, case: Case, *, now: datetime) -> list[RecentChange]:
    """Return what has changed since 30 days before a case was opened, newest first."""
    since = min(now, case.opened_at or now) - LOOKED_BACK
    found = [
        entry
        for kind, acts in KINDS.items()
        for entry in ledger.all_entries(account_id, ledger.LedgerFilter(kind=kind, since=since))
        if entry.act in acts
    ]
    found.sort(key=lambda entry: -entry.number)
    return [RecentChange(one.at, ACTS[one.act], _lines(ledger.details_of(one))) for one in found]


def _lines(told: dict[str, Any]) -> tuple[str, ...]:
    changed = [
        f"{NAMES.get(name, name)}: {old or '–'} → {new or '–'}"
        for name, (old, new) in sorted(told.get("changes", {}).items())
    ]
    if told.get("old") and told.get("new"):
        changed.append(f"{told['old']} → {told['new']}")
    return (*changed, *(str(told[name]) for name in ("address", "name") if told.get(name)))
