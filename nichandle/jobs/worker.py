"""The worker: takes jobs, runs what is periodic, and the rounds rooms have registered."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from nichandle.jobs import operations
from nichandle.jobs.models import Job
from nichandle.jobs.registry import PERIODIC, PUMPS, TASKS

log = logging.getLogger("nichandle.worker")

IDLE_SECONDS = 0.3
BEAT_EVERY = timedelta(seconds=5)
RENEW_SECONDS = 5.0
LONGEST_REST_SECONDS = 10.0


class Worker:
    """One worker process's loop; ``stop`` is set from outside to end it after the present job."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.name = f"{socket.gethostname()}:{os.getpid()}"[:64]
        self.beaten_at: datetime | None = None

    def run(self) -> None:
        """Work until told to stop; a lost database is waited for, never died of."""
        rest = IDLE_SECONDS
        while not self.stop.is_set():
            try:
                busy = self.round(timezone.now())
                rest = 0.0 if busy else IDLE_SECONDS
            except (DatabaseError, InterfaceError):
                rest = min(max(rest, IDLE_SECONDS) * 2, LONGEST_REST_SECONDS)
                log.exception("the database did not answer; trying again in %.1f s", rest)
                connection.close()
            close_old_connections()
            if rest:
                self.stop.wait(rest)

    def round(self, now: datetime) -> bool:
        """Do one round of everything that is due; tell whether there was anything."""
        if self.beaten_at is None or now - self.beaten_at >= BEAT_EVERY:
            operations.beat(worker=self.name, now=now)
            self.beaten_at = now
            self._run_periodic(now)
        busy = False
        for name, pump in PUMPS.items():
            busy = bool(self._guarded(name, partial(pump, timezone.now, self.stop.is_set))) or busy
        job = operations.claim(worker=self.name, now=now)
        if job is not None:
            self._work(job, now)
        return busy or job is not None

    def _run_periodic(self, now: datetime) -> None:
        for name, periodic in PERIODIC.items():
            if operations.take_slot(name, now=now):
                self._guarded(name, partial(periodic.run, now=now))

    def _work(self, job: Job, now: datetime) -> None:
        with Heartbeat(job):
            try:
                TASKS[job.name](job.payload, now=now)
            except Exception as error:
                log.exception("job %s %s failed", job.name, job.pk)
                operations.fail(job, error=repr(error), now=timezone.now())
            else:
                operations.finish(job)

    def _guarded(self, name: str, run: Callable[[], object]) -> object:
        try:
            return run()
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            log.exception("%s failed", name)
            return None


class Heartbeat:
    """Renews a job's lease from a thread for as long as the job runs."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_exception: object) -> None:
        self.done.set()
        self.thread.join()

    def _beat(self) -> None:
        try:
            while not self.done.wait(RENEW_SECONDS):
                operations.renew(self.job, now=timezone.now())
        except (DatabaseError, InterfaceError):
            log.warning("the lease of job %s could not be renewed", self.job.pk)
        finally:
            connection.close()
