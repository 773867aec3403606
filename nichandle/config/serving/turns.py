"""
Who is served next: the threads that run the application, shared fairly among those who wait.

Requests stand in one line for each neighbourhood, and the neighbourhoods take turns: somebody who
sends hundreds waits behind themselves. No neighbourhood has all threads, and where several come
they share them evenly. What changes something never has all threads, nor all that its own
neighbourhood may have, so that everybody can read while a database is busy.

Even shares are not enough while one after the other sends what is costly: a page would wait for
Python's lock behind each of them. So those that have used much processor time of late share one
thread among them as long as anybody else comes. It rests after each costly turn, and does not begin
one beside somebody else's page. Among them whoever has used least goes first, and who sends what is
costly counts for more ("least attained service"): a crowd of people who read pages is not behind.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from math import exp

Work = Callable[[], None]
LATELY = 2.0
"""Seconds after its last request for which a neighbourhood keeps its share."""
BUSY, CALM = 0.1, 0.04
"""Parts of a core: above the first a neighbourhood counts as busy until it is below the second."""
TOGETHER, LEAST_BUSY = 0.5, 0.03
"""
Where many come, whoever has more than its part of the first, and than all have on average, is
busy as well; nobody is below the second.
"""
CLEARLY = 0.75
"""Of what all have on average, and who has less is not busy: one among others who all have more."""
PAGE = 0.02
"""Seconds of processor time of a page: what costs no more keeps nobody back."""
BESIDE = 0.1
"""Seconds after which those who are busy go on, although somebody else's turn has not ended."""
FADES = 5.0
"""Seconds in which what was used before counts for a third (the time constant of its average)."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One request that waits: whose neighbourhood it is of, whether it only reads, what to do."""

    whose: str
    reads: bool
    work: Work


class Use:
    """What part of a core each neighbourhood has used of late: exponential moving averages."""

    def __init__(self) -> None:
        self.busy: set[str] = set()
        self._parts: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._costs: dict[str, float] = {}
        self._all = (0.0, 0.0)

    def add(self, whose: str, seconds: float, now: float, several: int = 0) -> None:
        """Count processor time of a turn, while so many neighbourhoods come; 0: all known."""
        part = self._part(whose, now) + seconds / FADES
        self._parts[whose] = (part, now)
        self._parts.move_to_end(whose)
        self._all = (self._together(now) + seconds / FADES, now)
        before = self._costs.get(whose, seconds)
        self._costs[whose] = before + (seconds - before) / 5
        if part >= self._bound(several, now):
            self.busy.add(whose)
        self._forget(now)

    def calm_down(self, now: float, several: int = 0) -> None:
        """Let those go who have used little since."""
        calm = CALM * self._bound(several, now) / BUSY
        self.busy -= {whose for whose in self.busy if self._part(whose, now) < calm}

    def burden(self, whose: str, now: float) -> float:
        """Return what was used of late, times what a turn costs; all pages count alike."""
        return self._part(whose, now) * max(self._costs.get(whose, 0.0), PAGE)

    def _bound(self, several: int, now: float) -> float:
        several = several or max(len(self._parts), 1)
        average = self._together(now) / several
        return max(min(BUSY, max(TOGETHER / several, average, LEAST_BUSY)), average * CLEARLY)

    def _together(self, now: float) -> float:
        part, at = self._all
        return part * exp((at - now) / FADES)

    def _part(self, whose: str, now: float) -> float:
        part, at = self._parts.get(whose, (0.0, now))
        return part * exp((at - now) / FADES)

    def _forget(self, now: float) -> None:
        # After so long even a whole core has faded below what counts.
        while next(iter(self._parts.values()))[1] < now - 10 * FADES:
            whose, _part = self._parts.popitem(last=False)
            del self._costs[whose]


class Turns:
    """Threads, and those who wait for them."""

    def __init__(
        self, threads: int, name: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._most = max(threads - 1, 1)
        self._changed = threading.Condition()
        self._lines: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._held: dict[tuple[str, bool], int] = {}
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._changing = 0
        self._use = Use()
        self._rests_until = 0.0
        for number in range(threads):
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True).start()

    def wait(self, turn: Turn) -> None:
        """Put a request into its line."""
        with self._changed:
            self._lines.setdefault(turn.whose, deque()).append(turn)
            self._changed.notify()

    def withdraw(self, turn: Turn) -> bool:
        """Take a request out of its line; false when a thread has it already."""
        with self._changed:
            line = self._lines.get(turn.whose)
            if line is None or turn not in line:
                return False
            line.remove(turn)
            if not line:
                del self._lines[turn.whose]
            return True

    def waiting(self, whose: str) -> int:
        """Return how many of a neighbourhood wait."""
        return len(self._lines.get(whose, ()))

    def _serve(self) -> None:
        done: tuple[Turn, float] | None = None
        while True:
            with self._changed:
                if done is not None:
                    self._release(*done)
                # One reading for both: a rest that ends between them would be waited for for ever.
                while (turn := self._next(now := self._clock())) is None:
                    self._changed.wait(self._rest(now))
                if self._lines:
                    # A share may have grown since the last came.
                    self._changed.notify()
            begun = time.thread_time()
            turn.work()
            done = (turn, time.thread_time() - begun)

    def _rest(self, now: float) -> float | None:
        """Return how long to wait at most: those who are busy may go on when they have rested."""
        ends = (self._rests_until, self._rests_until + BESIDE)
        left = [end - now for end in ends if end > now]
        return left[0] if left and self._lines else None

    def _next(self, now: float) -> Turn | None:
        if not self._lines:
            return None
        share, kept_back = self._share(now), self._kept_back(now)
        for whose in self._order(now):
            if whose in kept_back:
                continue
            line = self._lines[whose]
            # Whoever reads may pass those of the same line who wait to change something.
            turn = next((one for one in line if self._may(one, share)), None)
            if turn is not None:
                self._take(whose, line, turn, now)
                return turn
        return None

    def _order(self, now: float) -> list[str]:
        """Return who waits: first those who are not busy, in turn, then whoever burdens least."""
        busy = self._use.busy
        behind = sorted(self._lines.keys() & busy, key=lambda whose: self._use.burden(whose, now))
        return [*(whose for whose in self._lines if whose not in busy), *behind]

    def _may(self, turn: Turn, share: int) -> bool:
        """Tell whether a turn may begin: its neighbours' changes do not stand in a reader's way."""
        alike = self._held.get((turn.whose, turn.reads), 0)
        together = alike + self._held.get((turn.whose, not turn.reads), 0)
        if alike >= share or together >= max(self._most, 2):
            return False
        return turn.reads or (self._changing < self._most and alike < max(self._most - 1, 1))

    def _share(self, now: float) -> int:
        """Return how many threads each of those who came lately may have."""
        long_ago = now - LATELY
        while self._seen and next(iter(self._seen.values())) < long_ago:
            self._seen.popitem(last=False)
        return max(self._most // len(self._seen.keys() | self._lines.keys()), 1)

    def _kept_back(self, now: float) -> set[str]:
        """Return those who are busy, where others come and the busy ones' thread is not free."""
        come = self._seen.keys() | self._lines.keys()
        self._use.calm_down(now, max(len(come), 1))
        busy = self._use.busy
        if not busy or come <= busy:
            return set()
        at_work = {whose for whose, _reads in self._held}
        until = self._rests_until if at_work <= busy else self._rests_until + BESIDE
        return busy if at_work & busy or now < until else set()

    def _take(self, whose: str, line: deque[Turn], turn: Turn, now: float) -> None:
        line.remove(turn)
        if line:
            self._lines.move_to_end(whose)
        else:
            del self._lines[whose]
        self._held[whose, turn.reads] = self._held.get((whose, turn.reads), 0) + 1
        self._seen[whose] = now
        self._seen.move_to_end(whose)
        self._changing += not turn.reads

    def _release(self, turn: Turn, spent: float) -> None:
        now = self._clock()
        key = (turn.whose, turn.reads)
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
        self._changing -= not turn.reads
        self._use.add(turn.whose, spent, now, max(len(self._seen.keys() | self._lines.keys()), 1))
        if turn.whose in self._use.busy:
            self._rests_until = now + max(spent - PAGE, 0.0)
