"""
Who is served next: the threads that run the application, shared fairly among those who wait.

Requests stand in one line for each neighbourhood, and the neighbourhoods take turns: somebody who
sends hundreds waits behind themselves. No neighbourhood has all threads, and where several come
they share them evenly. What changes something never has all threads, nor all that its own
neighbourhood may have, so that everybody can read while a database is busy.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], None]
LATELY = 2.0
"""Seconds after its last request for which a neighbourhood keeps its share."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One request that waits: whose neighbourhood it is of, whether it only reads, what to do."""

    whose: str
    reads: bool
    work: Work


class Turns:
    """Threads, and those who wait for them."""

    def __init__(self, threads: int, name: str) -> None:
        self._most = max(threads - 1, 1)
        self._changed = threading.Condition()
        self._lines: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._held: dict[tuple[str, bool], int] = {}
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._changing = 0
        for number in range(threads):
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True).start()

    def wait(self, turn: Turn) -> None:
        """Put a request into its line."""
        with self._changed:
            self._lines.setdefault(turn.whose, deque()).append(turn)
            self._changed.notify()

    def waiting(self, whose: str) -> int:
        """Return how many of a neighbourhood wait."""
        return len(self._lines.get(whose, ()))

    def _serve(self) -> None:
        done: Turn | None = None
        while True:
            with self._changed:
                if done is not None:
                    self._release(done)
                while (turn := self._next()) is None:
                    self._changed.wait()
                if self._lines:
                    # A share may have grown since the last came.
                    self._changed.notify()
            turn.work()
            done = turn

    def _next(self) -> Turn | None:
        if not self._lines:
            return None
        share = self._share()
        for whose, line in self._lines.items():
            # Whoever reads may pass those of the same line who wait to change something.
            turn = next((one for one in line if self._may(one, share)), None)
            if turn is not None:
                self._take(whose, line, turn)
                return turn
        return None

    def _may(self, turn: Turn, share: int) -> bool:
        """Tell whether a turn may begin: its neighbours' changes do not stand in a reader's way."""
        alike = self._held.get((turn.whose, turn.reads), 0)
        together = alike + self._held.get((turn.whose, not turn.reads), 0)
        if alike >= share or together >= max(self._most, 2):
            return False
        return turn.reads or (self._changing < self._most and alike < max(self._most - 1, 1))

    def _share(self) -> int:
        """Return how many threads each of those who came lately may have."""
        long_ago = time.monotonic() - LATELY
        while self._seen and next(iter(self._seen.values())) < long_ago:
            self._seen.popitem(last=False)
        return max(self._most // len(self._seen.keys() | self._lines.keys()), 1)

    def _take(self, whose: str, line: deque[Turn], turn: Turn) -> None:
        line.remove(turn)
        if line:
            self._lines.move_to_end(whose)
        else:
            del self._lines[whose]
        self._held[whose, turn.reads] = self._held.get((whose, turn.reads), 0) + 1
        self._seen[whose] = time.monotonic()
        self._seen.move_to_end(whose)
        self._changing += not turn.reads

    def _release(self, turn: Turn) -> None:
        key = (turn.whose, turn.reads)
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
        self._changing -= not turn.reads
