"""
Crowds beside attackers, in a world of its own: one core that turns at work share, and its clock.

Nothing here takes real time: `Turns` decides, the world adds up what each turn waits and costs.
"""

import heapq
import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from statistics import median

import pytest

from nichandle.config.serving.turns import Turn, Turns

PAGE = 0.02
"""Seconds of processor time of a page."""
THREADS = 4


@dataclass
class Work:
    """One turn at work, and the seconds of processor time that it still needs."""

    turn: Turn
    who: str
    cost: float
    asked: float
    left: float


@dataclass
class World:
    """Clients who ask, get their answer, and think for a while before they ask again."""

    now: float = 0.0
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.turns = Turns(0, "none", clock=lambda: self.now)
        self.turns._most = THREADS - 1
        self._coming: list[tuple[float, int, str, float, float]] = []
        self._numbers = count()
        self._at_work: list[Work] = []
        self._asked: dict[int, tuple[str, float, float, float]] = {}
        self._chance = random.Random(1)

    def client(self, who: str, cost: float, *, thinks: float, at: float = 0.0) -> None:
        heapq.heappush(self._coming, (at, next(self._numbers), who, cost, thinks))

    def run(self, until: float) -> None:
        while self.now < until:
            self._begin()
            speed = len(self._at_work)
            first = min(self._at_work, key=lambda work: work.left, default=None)
            ends = self.now + first.left * speed if first else until
            rest = self.turns._rest(self.now)
            wakes = self.now + rest if rest else until
            then = min(ends, wakes, self._coming[0][0] if self._coming else until)
            for work in self._at_work:
                work.left -= (then - self.now) / speed
            self.now = then
            if first and then == ends:
                self._end(first)
            else:
                self._ask()

    def _ask(self) -> None:
        while self._coming and self._coming[0][0] <= self.now:
            _at, _number, who, cost, thinks = heapq.heappop(self._coming)
            turn = Turn(who, reads=True, work=lambda: None)
            self._asked[id(turn)] = (who, cost, self.now, thinks)
            self.turns.wait(turn)

    def _begin(self) -> None:
        while len(self._at_work) < THREADS:
            turn = self.turns._next(self.now)
            if turn is None:
                return
            who, cost, asked, _thinks = self._asked[id(turn)]
            self._at_work.append(Work(turn, who, cost, asked, cost))

    def _end(self, work: Work) -> None:
        self._at_work.remove(work)
        self.turns._release(work.turn, work.cost)
        self.times[work.who].append(self.now - work.asked)
        thinks = self._asked.pop(id(work.turn))[3]
        pause = self._chance.expovariate(1 / thinks) if thinks else 0.001
        self.client(work.who, work.cost, thinks=thinks, at=self.now + pause)


def lately(times: list[float]) -> float:
    """Return the median, once everybody's part is known."""
    return median(times[len(times) // 2 :])


@pytest.mark.parametrize("cost", [0.05, 0.02, 0.005])
def test_an_office_of_ten_is_not_behind_four_who_ask_in_a_loop(cost):
    world = World()
    for _ in range(10):
        world.client("office", PAGE, thinks=1.0)
    world.client("visitor", PAGE, thinks=0.25)
    for number in range(4):
        world.client(f"attacker {number}", cost, thinks=0.0, at=10.0)
    world.run(60.0)

    assert lately(world.times["office"]) < 5 * PAGE
    assert lately(world.times["visitor"]) < 2 * PAGE
    assert all(world.times[f"attacker {number}"] for number in range(4))


@pytest.mark.parametrize("cost", [0.02, 0.05, 0.2])
def test_a_visitors_page_takes_less_than_twice_its_time_beside_four_in_a_loop(cost):
    world = World()
    world.client("visitor", PAGE, thinks=0.25)
    for number in range(4):
        world.client(f"attacker {number}", cost, thinks=0.0, at=10.0)
    world.run(60.0)

    assert lately(world.times["visitor"]) <= 2 * PAGE + 1e-9


def test_ten_who_ask_in_a_loop_and_use_little_each_are_busy_together():
    world = World()
    world.client("visitor", PAGE, thinks=0.25)
    for number in range(10):
        world.client(f"attacker {number}", 0.05, thinks=0.0)
    world.run(60.0)

    assert lately(world.times["visitor"]) < 6 * PAGE


def test_those_who_are_busy_go_on_beside_a_crowd_that_never_stops():
    world = World()
    for number in range(40):
        world.client(f"visitor {number}", PAGE, thinks=1.0)
    world.client("busy", 0.05, thinks=0.0)
    world.run(30.0)

    assert len(world.times["busy"]) > 30
