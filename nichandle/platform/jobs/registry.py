"""What there is to do: tasks by name, periodic tasks, and the worker's other rounds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from nichandle.platform.kernel.clock import Clock


class Task(Protocol):
    def __call__(self, payload: Mapping[str, Any], *, now: datetime) -> None: ...


class Work(Protocol):
    """What is left to say when one knows what is to be done: the time."""

    def __call__(self, *, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Periodic:
    name: str
    every: timedelta
    run: Work


Stopping = Callable[[], bool]
"""Tells whether the worker has been told to stop: what comes in many pieces asks between two."""


class Pump(Protocol):
    """A round of the worker: does what is due and returns how much that was."""

    def __call__(self, clock: Clock, stopping: Stopping, /) -> int: ...


def never() -> bool:
    """Say that nobody has asked to stop."""
    return False


TASKS: dict[str, Task] = {}
PERIODIC: dict[str, Periodic] = {}
PUMPS: dict[str, Pump] = {}
DUE: dict[str, tuple[str, ...]] = {}
"""What the worker asks of each pump while it is idle, all in one question."""


def task(name: str) -> Callable[[Task], Task]:
    """Register a function as the task of this name."""

    def keep(function: Task) -> Task:
        TASKS[name] = function
        return function

    return keep


def periodic(name: str, *, every: timedelta) -> Callable[[Work], Work]:
    """Register a function queued once in every period, whatever the number of workers."""

    def keep(function: Work) -> Work:
        PERIODIC[name] = Periodic(name, every, function)
        return function

    return keep


def pump(name: str, *due: str) -> Callable[[Pump], Pump]:
    """
    Register a round of its own, such as sending mail.

    ``due`` are statements that each tell the earliest time at which there is something to do, which
    may be past, or nothing; each ``%s`` is the time now. They are asked for again and again, so an
    index has to answer them. A statement may tell too early, and then the round is tried three
    times a second; what none of them tells is found some seconds late.
    """

    def keep(function: Pump) -> Pump:
        PUMPS[name], DUE[name] = function, due
        return function

    return keep
