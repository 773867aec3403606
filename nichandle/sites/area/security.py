"""What the overview of one's security shows: what is set up, what is missing, one next step."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nichandle.identity.accounts.models import RecoveryAddress
from nichandle.identity.accounts.queries import recovery_addresses
from nichandle.identity.factors.queries import Factors, factors_of
from nichandle.identity.pauses.models import Pause
from nichandle.identity.pauses.queries import running
from nichandle.identity.signin.recognition.networks import rules_of
from nichandle.identity.signin.recognition.notices import every_one
from nichandle.identity.signin.sessions.queries import number_of_sessions

FEW_CODES = 3


@dataclass(frozen=True, slots=True)
class Security:
    """The facts of the page; the same few statements whatever the account holds."""

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
    recovery = recovery_addresses(account_id)
    return Security(
        factors=factors_of(account_id),
        recovery=recovery,
        established=len([row for row in recovery if row.established(now)]),
        sessions=number_of_sessions(account_id, now=now),
        rules=len(rules_of(account_id)[1]),
        always=every_one(account_id),
        pause=running(account_id, now=now),
    )
