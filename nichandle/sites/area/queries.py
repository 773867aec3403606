"""What the area's home shows, gathered from several rooms."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.functional import Promise

from nichandle.commerce.contacts.queries import to_answer
from nichandle.commerce.services.queries import OwnService, next_renewals, number_of
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.queries import recovery_addresses
from nichandle.identity.accounts.rules import rules_for
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.queries import running_of
from nichandle.identity.emailchange.queries import Progress, progress
from nichandle.identity.factors.queries import has_factor
from nichandle.identity.pauses.models import Pause
from nichandle.identity.pauses.queries import running
from nichandle.identity.signin.sessions.queries import number_of_sessions
from nichandle.platform.kernel import addresses


@dataclass(frozen=True, slots=True)
class Overview:
    """The home page's facts; twelve statements at most."""

    recovery: list[RecoveryAddress]
    sessions: int
    change: Progress | None
    pause: Pause | None
    services: int
    renewals: list[OwnService]
    hand_overs: int
    cases: list[Case]
    has_factor: bool

    @property
    def in_order(self) -> bool:
        """Whether there is nothing to do."""
        proven = self.recovery and self.unproven_recovery is None
        return bool(proven and self.has_factor and not self.hand_overs)

    @property
    def claims(self) -> list[Case]:
        """The cases that would give the account to another address."""
        return [case for case in self.cases if case.sort.effect]

    @property
    def unproven_recovery(self) -> RecoveryAddress | None:
        waiting = [row for row in self.recovery if row.proven_at is None]
        return waiting[-1] if waiting else None


def overview(account_id: UUID, email: str, *, now: datetime, today: date) -> Overview:
    return Overview(
        recovery=recovery_addresses(account_id),
        sessions=number_of_sessions(account_id, now=now),
        change=progress(account_id, now=now),
        pause=running(account_id, now=now),
        services=number_of(account_id),
        renewals=next_renewals(account_id, today=today),
        hand_overs=to_answer(account_id, addresses.key(email), now=now),
        cases=running_of(account_id),
        has_factor=has_factor(account_id),
    )


@dataclass(frozen=True, slots=True)
class Detail:
    label: str | Promise
    value: str


def details_shown(account: Account) -> list[Detail]:
    """Return the account's details as its rules name them, in their order; no statement."""
    rules = rules_for(country=account.country, kind=account.kind)
    return [Detail(rule.label, rule.shown(getattr(account, rule.name))) for rule in rules]
