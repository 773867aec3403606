"""The worker does all its work at a time, survives what goes wrong, and stops when told to."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from nichandle.platform.jobs import operations, registry
from nichandle.platform.jobs import worker as worker_module
from nichandle.platform.jobs.models import Job, Pulse
from nichandle.platform.jobs.worker import Heartbeat, Worker

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 20


def until(condition: Callable[[], object]) -> None:
    """Wait for another thread's or process's doing."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def pumps(monkeypatch) -> dict:
    """The rounds of a test's worker, in place of the product's; nothing is periodic."""
    rounds: dict = {}
    monkeypatch.setattr(worker_module, "PUMPS", rounds)
    monkeypatch.setattr(operations, "PERIODIC", {})
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.05)
    return rounds


@pytest.fixture
def running(pumps) -> Iterator[Callable[[], Worker]]:
    """Starts a worker in a thread, and stops it in the end."""
    stop, threads = threading.Event(), []

    def start() -> Worker:
        worker = Worker(stop)

        def work() -> None:
            worker.result = worker.run()
            connection.close()

        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return worker

    yield start
    stop.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive(), "the worker does not stop"


def test_a_round_that_waits_holds_up_neither_jobs_nor_the_sign_of_life(pumps, running, monkeypatch):
    answer = threading.Event()
    pumps["slow server"] = lambda clock, stopping: answer.wait(PATIENCE_SECONDS) and 0
    done = []
    monkeypatch.setitem(registry.TASKS, "test.work", lambda payload, now: done.append(payload))
    operations.enqueue("test.work", {"n": 1}, now=timezone.now())
    try:
        running()
        until(lambda: done)
        until(Pulse.objects.exists)
        first = Pulse.objects.get().seen_at
        until(lambda: Pulse.objects.get().seen_at > first)
    finally:
        answer.set()


def test_a_round_goes_on_after_faults_of_its_own_and_of_the_database(pumps, running, caplog):
    faults = iter([ZeroDivisionError(), OperationalError("server closed the connection")])
    rounds = []

    def faulty(clock, stopping) -> int:
        rounds.append(stopping())
        for fault in faults:
            raise fault
        return 0

    pumps["faulty"] = faulty
    running()
    until(lambda: len(rounds) > 3)
    assert "faulty failed" in caplog.text
    assert "the database does not answer: server closed the connection" in caplog.text


# That a thread ends by an exception is what is tested.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_lost_a_thread_says_so_and_ends(pumps, running):
    def deadly(clock, stopping) -> int:
        sys.exit(3)

    pumps["deadly"] = deadly
    worker = running()
    until(lambda: hasattr(worker, "result"))

    assert worker.result is False


def test_a_job_longer_than_its_lease_keeps_it(monkeypatch):
    monkeypatch.setitem(registry.TASKS, "test.work", lambda payload, *, now: None)
    now = timezone.now()
    operations.enqueue("test.work", now=now)
    job = operations.claim(worker="slow", now=now)
    later = now + timedelta(hours=1)

    with Heartbeat(job, lambda: later, every=timedelta(milliseconds=5)):
        until(lambda: Job.objects.get().lease_until == later + operations.LEASE)

    assert operations.claim(worker="other", now=later) is None


def test_the_heart_goes_on_beating_after_the_database_was_away(monkeypatch):
    beats = []

    def renew(job, *, now) -> bool:
        beats.append(now)
        if len(beats) == 1:
            raise OperationalError("gone")
        return True

    monkeypatch.setattr(operations, "renew", renew)
    with Heartbeat(Job(), timezone.now, every=timedelta(milliseconds=5)):
        until(lambda: len(beats) > 2)


@pytest.mark.slow
def test_a_worker_process_stops_when_told_to_and_leaves_nothing_behind(settings, tmp_path):
    command = [sys.executable, "-m", "nichandle.config.cli", "worker"]
    worker = subprocess.Popen(command, env=environment(settings, tmp_path))
    try:
        until(Pulse.objects.exists)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0
    finally:
        worker.kill()
        worker.wait()


def environment(settings, folder) -> dict[str, str]:
    """What a process needs to work on the database of this test."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = (
            f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}"
            f":{database['PORT']}/{database['NAME']}"
        )
    mine = {name: value for name, value in os.environ.items() if not name.startswith("NICHANDLE_")}
    return {
        **mine,
        "DJANGO_SETTINGS_MODULE": "nichandle.config.settings",
        "NICHANDLE_DATABASE_URL": url,
        "NICHANDLE_DATA": str(folder),
        "NICHANDLE_SECRET_KEY": settings.SECRET_KEY,
    }
