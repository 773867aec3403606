"""Work for later: done once it is due, again after a crash, never twice at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nichandle.platform.jobs import operations, queries, registry
from nichandle.platform.jobs.models import Job
from nichandle.platform.jobs.worker import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch) -> list[dict]:
    """The payloads a test task was given; it fails on those that say so."""
    seen: list[dict] = []

    def work(payload, *, now) -> None:
        seen.append(dict(payload))
        if payload.get("fails"):
            raise RuntimeError("as asked")

    monkeypatch.setitem(registry.TASKS, "test.work", work)
    return seen


def worker(now) -> Worker:
    return Worker(threading.Event(), clock=lambda: now)


def test_a_job_is_done_when_it_is_due_and_then_gone(done, now):
    operations.enqueue("test.work", {"n": 1}, now=now, run_at=now + timedelta(hours=24))
    assert worker(now).do_job() is False

    assert worker(now + timedelta(hours=24)).do_job() is True
    assert done == [{"n": 1}]
    assert not Job.objects.exists()


def test_a_job_of_a_transaction_that_fails_never_was(done, now):
    with transaction.atomic():
        operations.enqueue("test.work", now=now)
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_a_failing_job_comes_back_later_each_time_and_dies_in_the_end(done, now, monkeypatch):
    monkeypatch.setattr(operations, "ATTEMPTS", 3)
    operations.enqueue("test.work", {"fails": True}, now=now)
    waits = []
    for _ in range(3):
        job = operations.claim(worker="w", now=now)
        operations.fail(job, error="RuntimeError", now=now)
        job.refresh_from_db()
        waits.append(job.run_at - now)
        now = job.run_at

    assert waits[0] < waits[1] < waits[2]
    assert [job.last_error for job in queries.dead_jobs()] == ["RuntimeError"]
    assert operations.claim(worker="w", now=now + timedelta(days=9)) is None


def test_the_worker_survives_a_failing_job(done, now):
    operations.enqueue("test.work", {"fails": True}, now=now)
    operations.enqueue("test.work", {"n": 2}, now=now)
    one = worker(now)

    one.do_job()
    one.do_job()

    assert done == [{"fails": True}, {"n": 2}]
    assert "as asked" in Job.objects.get().last_error


def test_a_unique_key_waits_once_and_may_come_again_afterwards(done, now):
    for _ in range(3):
        operations.enqueue("test.work", now=now, unique_key="only one")
    assert Job.objects.count() == 1
    worker(now).do_job()

    operations.enqueue("test.work", now=now, unique_key="only one")
    assert Job.objects.count() == 1


def test_what_comes_while_a_job_of_its_key_is_being_done_is_not_lost(done, now):
    operations.enqueue("test.work", {"n": 1}, now=now, unique_key="only one")
    running = operations.claim(worker="w", now=now)
    operations.enqueue("test.work", {"n": 2}, now=now, unique_key="only one")
    assert Job.objects.count() == 2

    operations.fail(running, error="once more", now=now)
    assert [job.payload for job in Job.objects.all()] == [{"n": 2}]


def test_a_job_no_worker_comes_back_from_dies_and_holds_up_no_other(done, now, monkeypatch):
    monkeypatch.setattr(operations, "ATTEMPTS", 3)
    operations.enqueue("test.work", {"deadly": True}, now=now)
    for killed in range(3):
        at = now + killed * operations.LEASE
        assert operations.claim(worker=f"w{killed}", now=at).payload == {"deadly": True}
    operations.enqueue("test.work", {"n": 2}, now=now)

    assert operations.claim(worker="w9", now=now + timedelta(hours=1)).payload == {"n": 2}
    (dead,) = queries.dead_jobs()
    assert "no worker came back" in dead.last_error


def test_a_job_of_a_task_that_is_no_more_fails_and_stays_to_be_seen(done, now, monkeypatch):
    operations.enqueue("test.work", now=now)
    monkeypatch.delitem(registry.TASKS, "test.work")
    worker(now).do_job()

    assert "NoSuchTask" in Job.objects.get().last_error


def test_a_killed_workers_job_is_taken_after_its_lease(done, now):
    operations.enqueue("test.work", now=now)
    lost = operations.claim(worker="killed", now=now)

    assert operations.claim(worker="other", now=now + operations.LEASE / 2) is None
    again = operations.claim(worker="other", now=now + operations.LEASE)
    assert again.pk == lost.pk
    operations.finish(lost)
    assert Job.objects.filter(pk=again.pk).exists(), "the dead lease must not finish the job"
    operations.finish(again)
    assert not Job.objects.exists()


def test_a_renewed_lease_is_not_taken(done, now):
    operations.enqueue("test.work", now=now)
    job = operations.claim(worker="slow", now=now)
    assert operations.renew(job, now=now + operations.LEASE / 2)

    assert operations.claim(worker="other", now=now + operations.LEASE) is None


def test_a_task_nobody_registered_is_a_bug(now):
    with pytest.raises(operations.NoSuchTask):
        operations.enqueue("no.such", now=now)


@pytest.fixture
def hourly(monkeypatch) -> list[datetime]:
    """The times at which a test's hourly job has run; it is the only periodic one."""
    runs: list[datetime] = []
    task = registry.Periodic("test.hourly", timedelta(hours=1), lambda *, now: runs.append(now))
    monkeypatch.setattr(operations, "PERIODIC", {"test.hourly": task})
    return runs


def after(now, minutes: float) -> None:
    for one in (worker(now + timedelta(minutes=minutes)) for _ in range(2)):
        one.tend()
        one.do_job()


def test_a_periodic_job_runs_once_in_its_period(now, hourly):
    for minutes in (0, 30, 59, 60, 61, 90, 119, 121, 300):
        after(now, minutes)

    assert hourly == [now + timedelta(minutes=minutes) for minutes in (0, 60, 121, 300)]


def test_a_periodic_job_killed_in_its_midst_is_done_again(now, hourly):
    worker(now).tend()
    operations.claim(worker="killed", now=now)
    after(now, 1)

    assert hourly == [now + timedelta(minutes=1)]


def test_a_periodic_job_that_still_waits_is_not_queued_twice(now, hourly):
    worker(now).tend()
    worker(now + timedelta(hours=5)).tend()

    assert Job.objects.count() == 1


def test_a_clock_that_was_ahead_does_not_stop_what_is_periodic(now, hourly):
    after(now + timedelta(days=300), 0)
    after(now, 0)
    after(now, 59)
    after(now, 60)

    assert hourly[1:] == [now, now + timedelta(minutes=60)]


def test_looking_for_work_writes_nothing(now, hourly, django_assert_num_queries):
    after(now, 0)
    with django_assert_num_queries(2) as seen:
        operations.queue_periodic(now=now + timedelta(minutes=5))
        operations.claim(worker="w", now=now)
    assert all(query["sql"].startswith("SELECT") for query in seen.captured_queries)


def test_a_worker_is_alive_while_it_is_seen(now):
    assert not queries.worker_alive(now)
    worker(now).tend()
    worker(now).tend()
    assert queries.worker_alive(now + timedelta(seconds=20))
    assert not queries.worker_alive(now + timedelta(seconds=40))


@pytest.mark.django_db(transaction=True)
def test_no_job_is_taken_by_two_workers(done, now):
    for number in range(30):
        operations.enqueue("test.work", {"n": number}, now=now)

    def take_all(name: str) -> list[int]:
        taken = []
        try:
            while job := operations.claim(worker=name, now=now):
                taken.append(job.pk)
        finally:
            connection.close()
        return taken

    with ThreadPoolExecutor(6) as pool:
        taken = [pk for some in pool.map(take_all, "abcdef") for pk in some]

    assert sorted(taken) == sorted(Job.objects.values_list("pk", flat=True))
    assert len(taken) == len(set(taken)) == 30


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enqueue"), st.integers(0, 60)),
        st.tuples(st.just("wait"), st.integers(1, 30)),
        st.tuples(st.just("claim"), st.sampled_from("ab")),
        st.tuples(st.just("finish"), st.integers(0, 5)),
        st.tuples(st.just("renew"), st.integers(0, 5)),
    ),
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_a_random_walk_agrees_with_the_model(done, now, steps):
    """Model: a job is due, held until a time, or gone; only its present holder may finish it."""
    Job.objects.all().delete()
    model: dict[int, tuple[datetime, datetime | None]] = {}
    leases: list[Job] = []
    for act, value in steps:
        if act == "enqueue":
            due = now + timedelta(seconds=value)
            operations.enqueue("test.work", now=now, run_at=due)
            model[Job.objects.order_by("-pk").first().pk] = (due, None)
        elif act == "wait":
            now += timedelta(seconds=value)
        elif act == "claim":
            job = operations.claim(worker=value, now=now)
            free = [
                (due, pk)
                for pk, (due, held) in model.items()
                if due <= now and (held is None or held <= now)
            ]
            assert (job.pk if job else None) == (min(free)[1] if free else None)
            if job:
                model[job.pk] = (model[job.pk][0], now + operations.LEASE)
                leases = [lease for lease in leases if lease.pk != job.pk] + [job]
        elif act == "finish" and value < len(leases):
            operations.finish(leases[value])
            model.pop(leases.pop(value).pk)
        elif act == "renew" and value < len(leases):
            assert operations.renew(leases[value], now=now)
            model[leases[value].pk] = (model[leases[value].pk][0], now + operations.LEASE)
        assert set(Job.objects.values_list("pk", flat=True)) == set(model)
