"""What the overview of one's security shows: what is set up, what is missing, one next step."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nichandle.identity.accounts.models import RecoveryAddress
from nichandle.identity.accounts.queries import recovery_asked
from nichandle.identity.factors.queries import Factors, FactorsAsked
from nichandle.identity.pauses.models import Pause
from nichandle.identity.pauses.queries import running_asked
from nichandle.identity.signin.recognition.networks import rules_asked
from nichandle.identity.signin.recognition.notices import every_one_asked
from nichandle.identity.signin.sessions.queries import number_asked
from nichandle.platform.kernel.reading.questions import ask

FEW_CODES = 3


@dataclass(frozen=True, slots=True)
class Security:
    """The facts of the page; one round trip, whatever the account holds."""

    factors: Factors
    recovery: list[RecoveryAddress]
    established: int
    sessions: int
    rules: int
    always: bool
    pause: Pause | None

    @property
    def proven(self) -> int:
        return len([row for row in self.recovery if row.proven_at])

    @property
    def next_step(self) -> str:
        """The one thing to do next, the most worth first; empty when all is done."""
        waiting = [row for row in self.recovery if row.proven_at is None]
        steps = (
            ("prove_recovery", bool(waiting)),
            ("recovery", not self.recovery),
            ("factor", not self.factors.any),
            ("codes", self.factors.any and self.factors.codes_left <= FEW_CODES),
            ("second_recovery", self.proven < 2),
        )
        return next((name for name, wanted in steps if wanted), "")


def security_of(account_id: UUID, *, now: datetime) -> Security:
    factors, recovery = FactorsAsked(account_id), recovery_asked(account_id)
    sessions, rules = number_asked(account_id, now=now), rules_asked(account_id)
    always, pause = every_one_asked(account_id), running_asked(account_id, now=now)
    ask(*factors.all, recovery, sessions, rules, always, pause)
    return Security(
        factors=factors.answer,
        recovery=recovery.answer,
        established=len([row for row in recovery.answer if row.established(now)]),
        sessions=sessions.answer,
        rules=len(rules.answer),
        always=always.answer,
        pause=pause.answer,
    )
