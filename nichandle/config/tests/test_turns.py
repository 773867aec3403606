"""Who is served next: whoever uses much steps back for others, and has everything when alone."""

import threading
import time
from itertools import count
from math import exp

import pytest

from nichandle.config.serving import turns as room
from nichandle.config.serving.turns import BUSY, CALM, Turn, Turns, Use

SECONDS = 30.0
"""For what must happen; nothing waits for it to pass."""


class Crowd:
    """Requests that are held until told, and the order in which they began."""

    def __init__(self, *busy: str) -> None:
        self.turns = Turns(4, "tried")
        for whose in busy:
            self.turns._use.add(whose, 1000.0, time.monotonic())
        self.order: list[str] = []

    def ask(self, whose: str) -> tuple[threading.Event, threading.Event]:
        """Return what says that it has begun, and what lets it end."""
        begun, may_end = threading.Event(), threading.Event()

        def work() -> None:
            self.order.append(whose)
            begun.set()
            may_end.wait(SECONDS)

        self.turns.wait(Turn(whose, reads=True, work=work))
        return begun, may_end

    def ask_shortly(self, whose: str) -> None:
        begun, may_end = self.ask(whose)
        may_end.set()
        assert begun.wait(SECONDS)


def test_those_who_are_busy_share_one_thread_while_another_comes():
    crowd = Crowd("one", "two")
    crowd.ask_shortly("visitor")
    first, first_ends = crowd.ask("one")
    assert first.wait(SECONDS)
    second, second_ends = crowd.ask("two")

    crowd.ask_shortly("visitor")
    assert not second.is_set(), "the visitor came later and was served before"

    first_ends.set()
    assert second.wait(SECONDS)
    second_ends.set()


def test_those_who_are_busy_rest_as_long_as_they_worked_while_another_comes():
    crowd = Crowd("one", "two")
    crowd.ask_shortly("visitor")
    crowd.turns._rests_until = time.monotonic() + 0.5
    second, second_ends = crowd.ask("two")
    crowd.ask_shortly("visitor")

    # Nobody does anything more: they go on by themselves.
    assert second.wait(SECONDS)
    second_ends.set()
    assert crowd.order == ["visitor", "visitor", "two"]


def test_a_rest_that_ends_while_a_thread_looks_is_not_waited_for_without_end(monkeypatch):
    """The clock goes on by a second whenever it is read: the rest ends between two readings."""
    ticks = count(1000.0)
    monkeypatch.setattr(room.Use, "calm_down", lambda *_given: None)
    turns = Turns(1, "tried", clock=lambda: next(ticks))
    begun = threading.Event()
    with turns._changed:
        turns._use.busy.add("busy")
        turns._seen["visitor"] = 1e9
        turns._rests_until = next(ticks) + 1.5
    turns.wait(Turn("busy", reads=True, work=begun.set))

    assert begun.wait(SECONDS)


def test_those_who_are_busy_have_the_threads_when_nobody_else_comes():
    crowd = Crowd("one", "two")
    crowd.turns._rests_until = time.monotonic() + 3600
    first, first_ends = crowd.ask("one")
    second, second_ends = crowd.ask("two")

    assert first.wait(SECONDS)
    assert second.wait(SECONDS)
    first_ends.set()
    second_ends.set()


def test_what_a_request_costs_is_counted_for_its_neighbourhood(monkeypatch):
    monkeypatch.setattr(room, "BUSY", 0.02)
    # Of two threads a neighbourhood has one: each request begins when the one before is counted.
    turns = Turns(2, "tried")
    done = threading.Event()

    def work() -> None:
        began = time.thread_time()
        while time.thread_time() < began + 0.2:
            pass

    turns.wait(Turn("costly", reads=True, work=work))
    turns.wait(Turn("cheap", reads=True, work=lambda: None))
    turns.wait(Turn("costly", reads=True, work=done.set))

    assert done.wait(SECONDS)
    assert turns._use.busy == {"costly"}


@pytest.mark.parametrize(("part", "busy"), [(BUSY * 1.1, True), (BUSY * 0.9, False)])
def test_a_steady_part_of_a_core_tells_who_is_busy(part, busy):
    use = Use()
    for tick in range(600):
        use.add("somebody", part / 10, now=tick / 10)

    assert ("somebody" in use.busy) is busy


def test_who_was_busy_counts_as_such_until_it_has_faded():
    use = Use()
    use.add("somebody", 10.0, now=0.0)
    use.calm_down(room.FADES)
    assert use.busy == {"somebody"}

    use.calm_down(room.FADES * 4)
    assert 10.0 / room.FADES * exp(-4) < CALM
    assert use.busy == set()


def test_who_has_gone_is_forgotten():
    use = Use()
    for number in range(1000):
        use.add(f"visitor {number}", 0.01, now=0.0)
    use.add("another", 0.01, now=room.FADES * 11)

    assert list(use._parts) == ["another"]
