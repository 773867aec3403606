"""The worker: takes jobs, queues what is periodic, and does the rounds rooms have registered."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection
from django.utils import timezone

from nichandle.platform.jobs import operations
from nichandle.platform.jobs.models import Job
from nichandle.platform.jobs.registry import DUE, PUMPS, Pump
from nichandle.platform.kernel.clock import Clock
from nichandle.platform.kernel.database import hear

log = logging.getLogger("nichandle.worker")

IDLE_SECONDS = 0.3
"""So soon a round looks again of which nothing is told, or which is due and finds nothing."""
ASKING_SECONDS = 5.0
"""So long the question is not asked anew though nobody has been heard to commit."""
LOOKING_SECONDS = 30.0
"""So long a round does not look though the question says that nothing is due."""
BEAT_SECONDS = 5.0
SLOTS_SECONDS = 60.0
LONGEST_REST_SECONDS = 10.0

Done = TypeVar("Done")
Step = Callable[[], bool]
"""One piece of work; tells whether there was any."""


class Worker:
    """
    One worker process; ``stop`` is set from outside to end it after what it is doing.

    Jobs and every round run in threads of their own: a mail server that does not answer holds up
    no job, a long job no mail, and neither the sign of life. While there is nothing to do they
    sleep, and one more thread asks one question for all of them: is anything due, and when?
    """

    def __init__(self, stop: threading.Event, *, clock: Clock = timezone.now) -> None:
        self.stop = stop
        self.clock = clock
        self.nudge = threading.Event()
        self.next_slot: datetime | None = None
        self.slots_read_at = 0.0
        self.name = f"{socket.gethostname()}:{os.getpid()}"[:64]

    def run(self) -> bool:
        """Work until told to stop; False when a thread died, which should start all anew."""
        calls = {name: threading.Event() for name in self._steps()}
        lanes = [
            threading.Thread(target=self._keep_doing, args=(name, step, calls[name]), name=name)
            for name, step in self._steps().items()
        ]
        lanes.append(threading.Thread(target=self._watch, args=(calls,), name="watch"))
        for lane in lanes:
            lane.start()
        well = True
        self._try("the worker's start", self._forget_silent)
        while well and not self.stop.is_set():
            self._try("the worker's beat", self.tend)
            self.stop.wait(BEAT_SECONDS)
            well = self.stop.is_set() or all(lane.is_alive() for lane in lanes)
        self.stop.set()
        self.nudge.set()
        for call in calls.values():
            call.set()
        for lane in lanes:
            lane.join()
        return well

    def round(self) -> bool:
        """Do once, one after the other, all that ``run`` does at a time; tell if that was any."""
        self.tend()
        done = [step() for step in self._steps().values()]
        return any(done)

    def tend(self) -> bool:
        """Give a sign of life and queue what is periodic and due."""
        now = self.clock()
        operations.beat(worker=self.name, now=now)
        if self._no_slot_is_due(now):
            return False
        queued = operations.queue_periodic(now=now)
        self.next_slot, self.slots_read_at = operations.next_slot(), time.monotonic()
        return bool(queued)

    def _forget_silent(self) -> None:
        operations.forget_silent(now=self.clock())

    def _no_slot_is_due(self, now: datetime) -> bool:
        # Read now and then all the same: another clock may have been ahead.
        fresh = time.monotonic() - self.slots_read_at < SLOTS_SECONDS
        return fresh and self.next_slot is not None and now < self.next_slot

    def do_job(self) -> bool:
        """Take one job and do it."""
        job = operations.claim(worker=self.name, now=self.clock())
        if job is None:
            return False
        with Heartbeat(job, self.clock):
            try:
                operations.work_of(job)(now=self.clock())
            except Exception as error:
                log.exception("job %s %s failed", job.name, job.pk)
                operations.fail(job, error=repr(error), now=self.clock())
            else:
                operations.finish(job)
        return True

    def _steps(self) -> dict[str, Step]:
        rounds = {name: partial(self._pump, pump) for name, pump in PUMPS.items()}
        return {"jobs": self.do_job, **rounds}

    def _pump(self, pump: Pump) -> bool:
        return bool(pump(self.clock, self.stop.is_set))

    def _keep_doing(self, name: str, step: Step, called: threading.Event) -> None:
        rest, worked = IDLE_SECONDS, False
        while not self.stop.is_set():
            # Whoever calls during the look is heard after it.
            called.clear()
            busy = self._try(name, step)
            if busy is None:
                rest = min(rest * 2, LONGEST_REST_SECONDS)
                self.stop.wait(rest)
                continue
            rest = IDLE_SECONDS
            if busy:
                worked = True
                continue
            if worked:
                # What was done may come again sooner than was told: a job that failed.
                self.nudge.set()
                worked = False
            if not self.stop.is_set():
                called.wait(LOOKING_SECONDS if _questions(name) else IDLE_SECONDS)
        connection.close()

    def _watch(self, calls: Mapping[str, threading.Event]) -> None:
        """Call each round when it has something to do."""
        asked = {name: _questions(name) for name in calls}
        wait, rest = 0.0, IDLE_SECONDS
        while not self.stop.is_set():
            found = self._try("the worker's question", partial(self._ask, asked, calls, wait))
            if found is None:
                # What came meanwhile was not heard: the next question is asked without sleeping.
                wait, rest = 0.0, min(rest * 2, LONGEST_REST_SECONDS)
                self.stop.wait(rest)
                continue
            wait, rest = found, IDLE_SECONDS
        connection.close()

    def _ask(
        self,
        asked: Mapping[str, tuple[str, ...]],
        calls: Mapping[str, threading.Event],
        wait: float,
    ) -> float:
        """Sleep, ask, and call those who have something to do; return how long to sleep then."""
        hear(wait, self.nudge)
        if not self.stop.is_set():
            self.nudge.clear()
        now = self.clock()
        names = [name for name, statements in asked.items() for _each in statements]
        told = operations.earliest([each for one in asked.values() for each in one], now=now)
        coming = [(at, name) for at, name in zip(told, names, strict=True) if at is not None]
        for at, name in coming:
            if at <= now:
                calls[name].set()
        if not coming:
            return ASKING_SECONDS
        first = (min(at for at, _name in coming) - now).total_seconds()
        return min(max(first, IDLE_SECONDS), ASKING_SECONDS)

    def _try(self, name: str, step: Callable[[], Done]) -> Done | None:
        """Return what the step says, None when it failed: nothing ends the worker but its order."""
        try:
            connection.close_if_unusable_or_obsolete()
            return step()
        except (OperationalError, InterfaceError) as error:
            log.warning("%s: the database does not answer: %s", name, str(error).strip())
        except Exception:
            log.exception("%s failed", name)
        connection.close()
        return None


def _questions(name: str) -> tuple[str, ...]:
    """Return the statements that tell when a round has something to do; none when nobody can."""
    return (operations.NEXT_DUE,) if name == "jobs" else DUE.get(name, ())


class Heartbeat:
    """Renews a job's lease from a thread for as long as the job runs."""

    def __init__(self, job: Job, clock: Clock, every: timedelta = operations.LEASE / 3) -> None:
        self.job = job
        self.clock = clock
        self.every = every
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_exception: object) -> None:
        self.done.set()
        self.thread.join()

    def _beat(self) -> None:
        while not self.done.wait(self.every.total_seconds()):
            try:
                if not operations.renew(self.job, now=self.clock()):
                    log.error("job %s %s was taken by another worker", self.job.name, self.job.pk)
                    break
            except Error as error:
                # The database may be back before the lease ends.
                log.warning("the lease of job %s was not renewed: %s", self.job.pk, error)
                connection.close()
        connection.close()
