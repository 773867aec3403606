"""
What a random walk of the address-change machine is compared with.

The model knows no rows and no code of the product: it keeps the times at which things happened and
reckons from the rules alone what the address must be.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Interval = tuple[datetime, datetime]


@dataclass
class Sent:
    """One mail about a request: which part, whether to the current address, and its end."""

    part: str
    current: bool
    written_at: datetime
    accepted_at: datetime | None = None
    refused_at: datetime | None = None


@dataclass
class Window:
    """A limit: so many in a day, which begins with the first of them."""

    most: int
    began_at: datetime | None = None
    count: int = 0

    def spent(self, now: datetime) -> bool:
        runs = self.began_at is not None and now - DAY < self.began_at
        return runs and self.count >= self.most

    def use(self, now: datetime) -> None:
        if self.began_at is None or now - DAY >= self.began_at:
            self.began_at, self.count = now, 0
        self.count += 1


@dataclass
class Request:
    """What the model remembers of one request."""

    number: int
    old: str
    new: str
    asked_at: datetime
    sent: dict[int, Sent] = field(default_factory=dict)
    refused: bool = False
    frozen: bool = False
    proven_at: datetime | None = None
    code_at: datetime | None = None
    codes_made: int = 1
    codes_settled: int = 0
    code_there: bool = False
    proofs_asked: int = 1
    proofs_made: int = 1
    proofs_read: list[str] = field(default_factory=list)
    proof_codes_read: list[str] = field(default_factory=list)
    prompts: int = 0
    to_new: Window = field(default_factory=lambda: Window(6))
    undo_codes_made: list[datetime] = field(default_factory=list)
    undo_codes_read: list[tuple[str, datetime]] = field(default_factory=list)
    state: str = "todo"
    ended_at: datetime | None = None

    def undo_codes_spent(self, now: datetime) -> bool:
        """Four in a row, each within a day of the one before, and the last still good."""
        last = self.undo_codes_made[-4:]
        return len(last) == 4 and all(
            later - earlier < DAY for earlier, later in pairwise([*last, now])
        )

    def due_at(self) -> datetime | None:
        if self.proven_at is None or self.frozen:
            return None
        if self.code_at is not None:
            return max(self.code_at, self.proven_at)
        asked, reminded, told = (self.heard(part) for part in ("asked", "reminder", "proven"))
        if asked is None or reminded is None or told is None:
            return None
        return max(asked + 24 * HOUR, reminded + 4 * HOUR, told + 4 * HOUR)

    def heard(self, part: str) -> datetime | None:
        """When whoever may be silent had a part: the current address, unless it refuses mail."""
        times = [
            one.accepted_at
            for one in self.sent.values()
            if one.part == part and one.current is not self.refused and one.accepted_at
        ]
        return min(times, default=None)

    def prompts_due(self, now: datetime) -> int:
        return sum(self.asked_at + wait <= now for wait in (20 * HOUR, 2 * DAY, 5 * DAY))

    def over(self, away: list[Interval], now: datetime) -> bool:
        """Whether effect has been possible for seven days."""
        began = self.heard("asked") or self.asked_at
        still = [*away, *(one for one in self._stuck(now) if one[1] - one[0] >= HOUR)]
        marks = sorted({began, now, *(mark for one in still for mark in one if began < mark < now)})
        possible = timedelta(0)
        for start, end in pairwise(marks):
            if start >= began and not any(a <= start and end <= b for a, b in still):
                possible += end - start
        return possible >= 7 * DAY

    def _stuck(self, now: datetime) -> list[Interval]:
        found = []
        for part, current in {(one.part, one.current) for one in self.sent.values()}:
            if part != "proof" and (self.code_at or not (current or self.refused)):
                continue
            alike = [
                one for one in self.sent.values() if (one.part, one.current) == (part, current)
            ]
            ends = [one.accepted_at for one in alike if one.accepted_at]
            if part == "proof" and self.proven_at:
                ends.append(self.proven_at)
            refused = [one.refused_at for one in alike if one.refused_at]
            if not ends:
                ends = [max(refused)] if len(refused) == len(alike) else [now]
            found.append((min(one.written_at for one in alike), min(ends)))
        return found


@dataclass
class Model:
    """The account as the rules say it must be."""

    address: str
    requests: list[Request] = field(default_factory=list)
    paused_until: datetime | None = None
    frozen: bool = False
    asked: Window = field(default_factory=lambda: Window(3))
    proof_mails: Window = field(default_factory=lambda: Window(8))
    wrong_codes: Window = field(default_factory=lambda: Window(10))
    wrong_proof_codes: Window = field(default_factory=lambda: Window(10))
    wrong_undo_codes: Window = field(default_factory=lambda: Window(10))
    contested: set[int] = field(default_factory=set)
    contested_until: datetime | None = None
    # The addresses that reviewers are to give back, or not: until they decide, the pause goes on.
    undecided: set[str] = field(default_factory=set)
    seen_at: datetime | None = None
    away: list[Interval] = field(default_factory=list)

    @property
    def open(self) -> Request | None:
        return next((one for one in self.requests if one.state == "todo"), None)

    def paused(self, now: datetime) -> bool:
        silent = self.paused_until is not None and now < self.paused_until
        return silent or self.contest_runs(now)

    def contest_runs(self, now: datetime) -> bool:
        runs = self.contested_until is not None and now < self.contested_until
        return runs or bool(self.undecided)

    def contest(self, until: datetime) -> None:
        self.contested_until = max(self.contested_until or until, until)

    def pause(self, until: datetime) -> None:
        self.paused_until = max(self.paused_until or until, until)

    def worker_looks(self, now: datetime) -> None:
        if self.seen_at is not None and now - self.seen_at >= HOUR:
            self.away.append((self.seen_at, now))
        self.seen_at = now
