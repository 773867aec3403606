"""What a load balancer asks."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest
from django.db import connection
from django.utils import timezone

from nichandle.config.serving import health
from nichandle.platform.installation import probe
from nichandle.platform.installation.models import Installation
from nichandle.platform.jobs import operations
from nichandle.platform.kernel.database import is_postgresql

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _afresh(monkeypatch):
    """A process that has looked at nothing yet, and looks each time it is asked."""
    monkeypatch.setattr(health, "probe", probe.Probe())
    monkeypatch.setattr(probe, "EVERY_SECONDS", 0.0)


def test_a_running_process_is_alive_whatever_the_database_does(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"alive": True}


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_however_a_load_balancer_asks_it_is_answered_alike(client, method):
    assert getattr(client, method)("/healthz").status_code == 200
    assert getattr(client, method)("/readyz").status_code == 503
    assert client.post("/healthz").status_code == 405


def test_without_a_worker_it_is_not_ready_and_says_why(client):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"database": True, "worker": False}


@pytest.mark.django_db(transaction=True)
def test_it_is_ready_when_something_was_written_and_tries_no_more_often_than_it_may(
    client, monkeypatch
):
    operations.beat(worker="one", now=timezone.now())
    assert client.get("/readyz").json() == {"database": True, "worker": True}
    written = Installation.objects.get().written_at

    client.get("/readyz")
    assert (again := Installation.objects.get().written_at) > written
    monkeypatch.setattr(probe, "EVERY_SECONDS", 60.0)
    client.get("/readyz")
    assert Installation.objects.get().written_at == again


@pytest.mark.django_db(transaction=True)
def test_what_can_be_read_and_not_written_is_not_ready_and_recovers_by_itself(client):
    operations.beat(worker="one", now=timezone.now())
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("SET default_transaction_read_only = on")
        else:
            # As a connection is that was opened while the file could not be written.
            cursor.execute("PRAGMA query_only = 1")

    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": False, "worker": True, "why": "read-only"}

    assert client.get("/readyz").json() == {"database": True, "worker": True}


@pytest.mark.skipif(is_postgresql(), reason="PostgreSQL has more than one writer")
@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_busy_for_a_moment_stays_ready_and_keeps_nobody_waiting(
    client, monkeypatch
):
    operations.beat(worker="one", now=timezone.now())
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    try:
        assert client.get("/readyz").status_code == 200
        assert time.monotonic() - begun < 3
        monkeypatch.setattr(probe, "BUSY_SECONDS", 0.0)
        assert client.get("/readyz").json()["why"] == "busy"
    finally:
        other.close()
    assert client.get("/readyz").status_code == 200


@pytest.mark.skipif(is_postgresql(), reason="PostgreSQL has more than one writer")
@pytest.mark.django_db(transaction=True)
def test_a_process_that_was_never_asked_before_counts_from_the_first_busy_try(client):
    operations.beat(worker="one", now=timezone.now())
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        looking = health.probe
        assert looking.obstacle(timezone.now()) is None
        since = looking.busy_since

        looking.busy_since = since - probe.BUSY_SECONDS
        assert looking.obstacle(timezone.now()) == "busy"

    assert looking.obstacle(timezone.now()) is None
    assert looking.busy_since is None


def test_who_asks_while_another_tries_is_told_what_was_found_before():
    looking = probe.Probe()
    looking.found = "full"
    with looking.trying:
        told = []
        asking = threading.Thread(target=lambda: told.append(looking.obstacle(timezone.now())))
        asking.start()
        asking.join(5)

    assert told == ["full"]
