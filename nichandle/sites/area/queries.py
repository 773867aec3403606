"""What the area's home shows, gathered from several rooms."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.functional import Promise

from nichandle.commerce.contacts.queries import to_answer_asked
from nichandle.commerce.invoices.queries import Overdue, overdue_asked
from nichandle.commerce.orders.models import Order
from nichandle.commerce.orders.queries import to_pay_asked
from nichandle.commerce.services import glance
from nichandle.commerce.services.models import Service
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.queries import profile_asked, recovery_asked
from nichandle.identity.accounts.rules import rules_for
from nichandle.identity.accounts.rules.numbers import phone_shown
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.queries import running_asked as cases_asked
from nichandle.identity.emailchange.queries import Progress, open_change_asked, progress_of
from nichandle.identity.factors.queries import has_factor_asked
from nichandle.identity.pauses.models import Pause
from nichandle.identity.pauses.queries import running_asked
from nichandle.identity.signin.sessions.queries import number_asked
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.reading.questions import ask
from nichandle.platform.kernel.wording.zones import operators_day


@dataclass(frozen=True, slots=True)
class Overview:
    """The home page's facts; one round trip, unless a change of address is under way."""

    recovery: list[RecoveryAddress]
    sessions: int
    change: Progress | None
    pause: Pause | None
    services: int
    renewals: list[Service]
    hand_overs: int
    cases: list[Case]
    has_factor: bool
    to_pay: list[Order]
    suspended: list[Service]
    overdue: list[Overdue]

    @property
    def many_services(self) -> int:
        """How many services there are more than, where they are too many to be counted."""
        return glance.MOST_COUNTED if self.services > glance.MOST_COUNTED else 0

    @property
    def in_order(self) -> bool:
        """Whether there is nothing to do."""
        proven = self.recovery and self.unproven_recovery is None
        waiting = self.hand_overs or self.to_pay or self.suspended or self.overdue
        return bool(proven and self.has_factor and not waiting)

    @property
    def claims(self) -> list[Case]:
        """The cases that would give the account to another address."""
        return [case for case in self.cases if case.sort.effect]

    @property
    def unproven_recovery(self) -> RecoveryAddress | None:
        waiting = [row for row in self.recovery if row.proven_at is None]
        return waiting[-1] if waiting else None


def overview(account_id: UUID, email: str, *, now: datetime, today: date) -> Overview:
    recovery, sessions = recovery_asked(account_id), number_asked(account_id, now=now)
    change, pause = open_change_asked(account_id), running_asked(account_id, now=now)
    number = glance.number_asked(account_id)
    renewals = glance.renewals_asked(account_id, today=today)
    hand_overs = to_answer_asked(account_id, addresses.key(email), now=now)
    cases, factor = cases_asked(account_id), has_factor_asked(account_id)
    to_pay, overdue = to_pay_asked(account_id), overdue_asked(account_id, today=operators_day(now))
    suspended = glance.suspended_asked(account_id)
    late = (suspended, overdue, to_pay, hand_overs)
    ask(recovery, sessions, change, pause, number, renewals, cases, factor, *late)
    return Overview(
        recovery=recovery.answer,
        sessions=sessions.answer,
        change=progress_of(change.answer, now=now),
        pause=pause.answer,
        services=number.answer,
        renewals=renewals.answer,
        hand_overs=hand_overs.answer,
        cases=cases.answer,
        has_factor=factor.answer,
        to_pay=to_pay.answer,
        suspended=suspended.answer,
        overdue=overdue.answer,
    )


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """What the page of one's account shows; one round trip."""

    profile: Account
    recovery: list[RecoveryAddress]
    second_factor: bool


def known_of(account_id: UUID) -> KnownAccount:
    profile, recovery = profile_asked(account_id), recovery_asked(account_id)
    factor = has_factor_asked(account_id)
    ask(profile, recovery, factor)
    return KnownAccount(profile.answer, recovery.answer, factor.answer)


@dataclass(frozen=True, slots=True)
class Detail:
    label: str | Promise
    value: str


def details_shown(account: Account) -> list[Detail]:
    """Return what is known of the account, as its rules name it, in their order; no statement."""
    rules = rules_for(country=account.country, kind=account.kind)
    told = [(rule, getattr(account, rule.name)) for rule in rules]
    return [
        Detail(rule.label, phone_shown(value) if rule.name == "phone" else rule.shown(value))
        for rule, value in told
        if value
    ]
