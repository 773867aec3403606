"""Strangers' failed sign-ins, in the ledger of whom they tried."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.identity.signin.authentication import failures
from nichandle.identity.signin.models import Failures
from nichandle.platform.audit.models import Entry
from nichandle.platform.audit.queries import details_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    at = timezone.now().replace(minute=10)
    with time_machine.travel(at, tick=False) as clock:
        yield clock


def fail(identifier: str, *, ip: str = "203.0.113.50") -> int:
    stranger = Client(HTTP_HOST="localhost", REMOTE_ADDR=ip)
    given = {"identifier": identifier, "password": "wrong, wrong, wrong"}
    return stranger.post("/signin", given).status_code


def entered(person) -> list[dict]:
    entries = Entry.objects.filter(account_id=person.account.pk, act="signin.failed")
    return [details_of(entry) for entry in entries.order_by("number")]


def test_many_failures_of_an_hour_are_one_entry_without_anybodys_address(customer, clock):
    for number in range(4):
        fail(customer.handle, ip=f"203.0.113.{number}")
    failures.enter(now=timezone.now())
    assert not entered(customer)

    clock.shift(timedelta(hours=1))
    failures.enter(now=timezone.now())
    failures.enter(now=timezone.now())

    (one,) = entered(customer)
    assert one["failures"] == 4
    assert not one.get("ip")
    assert not Failures.objects.exists()


def test_each_hour_has_an_entry_of_its_own(customer, clock):
    for _hour in range(2):
        fail(customer.handle)
        clock.shift(timedelta(hours=1))
        failures.enter(now=timezone.now())

    assert [one["failures"] for one in entered(customer)] == [1, 1]


def test_after_an_outage_hours_come_as_one(customer, clock):
    for _hour in range(3):
        fail(customer.email)
        clock.shift(timedelta(hours=1))

    failures.enter(now=timezone.now())

    assert [one["failures"] for one in entered(customer)] == [3]


def test_the_unknown_is_counted_alike_and_entered_nowhere(customer, clock):
    before = Entry.objects.count()
    fail("nobody@example.org")
    fail("nobody@example.org", ip="203.0.113.9")
    assert Failures.objects.get().count == 2

    clock.shift(timedelta(hours=2))
    failures.enter(now=timezone.now())

    assert Entry.objects.count() == before
    assert not Failures.objects.exists()


def test_the_owner_reads_how_many_there_were(customer, clock):
    browser = customer.sign_in()
    for _ in range(3):
        fail(customer.handle)
    clock.shift(timedelta(hours=2))
    failures.enter(now=timezone.now())

    customer.sign_in()
    page = browser.get("/account/ledger?kind=signin").content.decode()

    assert "Failed sign-ins" in page
    assert "3 failures" in page
    assert "203.0.113.50" not in page
