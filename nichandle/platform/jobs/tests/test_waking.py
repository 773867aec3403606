"""An idle worker sleeps, and is awake as soon as there is something to do."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from nichandle.platform.jobs import operations, registry
from nichandle.platform.jobs import worker as worker_module
from nichandle.platform.jobs.models import Job
from nichandle.platform.jobs.tests.test_the_worker import PATIENCE_SECONDS, until
from nichandle.platform.jobs.worker import Worker
from nichandle.platform.kernel.postgresql import base

pytestmark = pytest.mark.django_db(transaction=True)
NEVER = PATIENCE_SECONDS * 10
NOTHING = ("SELECT NULL",)
END_THE_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Watched:
    """A worker in threads of its own, what it was seen to do, and a clock that can be set."""

    def __init__(self, monkeypatch):
        self.seen: Counter[str] = Counter()
        self.done: list[str] = []
        self.ahead = timedelta()
        self.stop = threading.Event()
        self.threads: list[threading.Thread] = []
        self._count(monkeypatch, "claim")
        self._count(monkeypatch, "earliest")
        monkeypatch.setitem(
            registry.TASKS, "test.work", lambda payload, now: self.done.append(payload["word"])
        )

    def _count(self, monkeypatch, name):
        real = getattr(operations, name)

        def counting(*given, **more):
            found = real(*given, **more)
            self.seen[name] += 1
            return found

        monkeypatch.setattr(operations, name, counting)

    def start(self):
        asked = self.seen["earliest"]
        worker = Worker(self.stop, clock=lambda: timezone.now() + self.ahead)

        def work():
            worker.run()
            connection.close()

        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()
        until(lambda: self.seen["claim"] and self.seen["earliest"] > asked)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "the worker does not stop"


@pytest.fixture
def watched(monkeypatch):
    """Nothing is periodic, no round is there but jobs, and nobody looks who was not called."""
    monkeypatch.setattr(worker_module, "PUMPS", {})
    monkeypatch.setattr(worker_module, "DUE", {})
    monkeypatch.setattr(operations, "PERIODIC", {})
    monkeypatch.setattr(worker_module, "LOOKING_SECONDS", NEVER)
    monkeypatch.setattr(worker_module, "ASKING_SECONDS", NEVER)
    found = Watched(monkeypatch)
    yield found
    found.end()


def queue(word: str, **more) -> None:
    operations.enqueue("test.work", {"word": word}, now=timezone.now(), **more)


def test_what_another_connection_commits_is_done_though_nobody_looks(watched):
    watched.start()
    for word in ("one", "two"):
        queue(word)
        until(lambda word=word: word in watched.done)

    assert watched.done == ["one", "two"]


def test_what_is_appointed_is_done_when_its_time_has_come_and_not_before(watched):
    watched.start()
    at = timezone.now() + timedelta(seconds=1)
    queue("later", run_at=at)
    until(lambda: watched.done)

    assert timezone.now() >= at


def test_two_workers_share_what_comes_and_do_nothing_twice(watched):
    watched.start()
    watched.start()
    for number in range(10):
        queue(str(number))
    until(lambda: len(watched.done) >= 10 and not Job.objects.exists())

    assert sorted(watched.done) == [str(number) for number in range(10)]


def test_while_nothing_is_due_nobody_looks_and_one_question_is_asked(watched, monkeypatch):
    looks: list[str] = []
    for name in ("one", "other"):
        worker_module.PUMPS[name] = lambda clock, stopping, name=name: looks.append(name) or 0
        worker_module.DUE[name] = NOTHING
    monkeypatch.setattr(worker_module, "ASKING_SECONDS", 0.05)
    watched.start()
    until(lambda: watched.seen["earliest"] > 5)

    assert sorted(looks) == ["one", "other"]
    assert watched.seen["claim"] == 1


def test_the_question_is_one_statement_whatever_the_number_of_rounds(
    django_assert_num_queries, monkeypatch
):
    monkeypatch.setitem(registry.TASKS, "test.work", lambda payload, now: None)
    now = timezone.now()
    queue("soon", run_at=now + timedelta(hours=1))
    with django_assert_num_queries(1):
        told = operations.earliest([*NOTHING, operations.NEXT_DUE, *NOTHING], now=now)

    assert told == [None, now + timedelta(hours=1), None]


def test_a_round_looks_now_and_then_whatever_is_told(watched, monkeypatch):
    looks: list[int] = []
    worker_module.PUMPS["told nothing"] = lambda clock, stopping: looks.append(1) or 0
    worker_module.DUE["told nothing"] = NOTHING
    monkeypatch.setattr(worker_module, "LOOKING_SECONDS", 0.02)
    watched.start()

    until(lambda: len(looks) > 3)


def test_a_clock_that_is_set_ahead_or_back_keeps_nothing_waiting(watched, monkeypatch):
    monkeypatch.setattr(worker_module, "ASKING_SECONDS", 0.05)
    watched.start()
    queue("in an hour", run_at=timezone.now() + timedelta(hours=1))
    asked = watched.seen["earliest"]
    until(lambda: watched.seen["earliest"] > asked + 2)
    assert not watched.done

    watched.ahead = timedelta(hours=1)
    until(lambda: watched.done == ["in an hour"])
    watched.ahead = timedelta(hours=-1)
    queue("by a clock behind", run_at=timezone.now() - timedelta(hours=2))
    until(lambda: watched.done[-1] == "by a clock behind")


def test_a_worker_whose_question_fails_asks_again(watched, monkeypatch, caplog):
    watched.start()
    real, failed = operations.earliest, threading.Event()

    def failing(*given, **more):
        if not failed.is_set():
            failed.set()
            raise RuntimeError("no answer")
        return real(*given, **more)

    monkeypatch.setattr(operations, "earliest", failing)
    queue("one")
    until(lambda: failed.is_set() and watched.done)

    assert watched.done == ["one"]
    assert "the worker's question failed" in caplog.text


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no connection to lose")
def test_a_worker_that_lost_the_connection_on_which_it_listens_makes_up_for_it(watched, caplog):
    watched.start()
    with connection.cursor() as cursor:
        cursor.execute(END_THE_OTHERS)
    queue("one")
    until(lambda: watched.done)
    queue("two")
    until(lambda: "two" in watched.done)

    assert "does not answer" in caplog.text


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="no pooler stands before SQLite")
def test_behind_a_pooler_a_worker_says_once_that_it_asks_instead(watched, monkeypatch, caplog):
    base._say_once.cache_clear()
    monkeypatch.setattr(base, "OWN_NUMBER", "SELECT 0")
    watched.start()
    queue("one")
    until(lambda: watched.done)
    queue("two")
    until(lambda: "two" in watched.done)

    assert caplog.text.count("a pooler stands before the database") == 1
