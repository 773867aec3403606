"""Who is signed in, as every page needs it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from nichandle.identity.signin.models import alive

FRESH_FOR = timedelta(minutes=10)
"""How long after signing in a sensitive act needs no new sign-in."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The signed-in account as every page needs it; read with the session in one statement."""

    id: UUID
    session_id: int
    state: str
    handle: str
    kind: str
    given_name: str
    family_name: str
    organisation: str
    email: str
    country: str
    language: str
    time_zone: str
    fresh_at: datetime
    must_enrol: bool

    @property
    def opening(self) -> bool:
        """The address is proven, the details are not given yet, there is no identifier."""
        return self.state == "opening"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip() or self.organisation or self.email

    @property
    def first_name(self) -> str:
        return self.given_name or self.name

    @property
    def short_name(self) -> str:
        """The name as the frame shows it, such as "D. Mercier"."""
        if self.given_name and self.family_name:
            return f"{self.given_name[0]}. {self.family_name}"
        return self.name

    def fresh(self, now: datetime) -> bool:
        return now - self.fresh_at < FRESH_FOR


@dataclass(frozen=True, slots=True)
class LiveSession(SignedIn):
    """The same, and what is kept with the session: its data, and until when it lives."""

    data: str
    last_used_at: datetime
    expires_at: datetime
    idle_seconds: int

    def live(self, now: datetime) -> bool:
        """Tell whether the session is within its idle and its absolute lifetime."""
        return alive(
            now,
            last_used_at=self.last_used_at,
            idle_seconds=self.idle_seconds,
            expires_at=self.expires_at,
        )
