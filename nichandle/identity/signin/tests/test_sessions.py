"""A session: its key, how long it lasts, what it reads and where it ends."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions import ending
from nichandle.identity.signin.tests.attempts import attempt
from nichandle.platform.audit import queries as ledger

pytestmark = pytest.mark.django_db


def test_a_page_of_the_area_reads_the_session_in_one_statement(customer, django_assert_num_queries):
    browser = customer.sign_in()
    with django_assert_num_queries(1):
        assert browser.get("/area/identifier").status_code == 200


def test_every_sign_in_begins_a_session_under_a_new_key(customer, visitor):
    attempt(visitor, customer.handle)
    first = visitor.cookies["session"].value
    attempt(visitor, customer.handle)
    second = visitor.cookies["session"].value

    assert first != second
    assert Session.objects.count() == 1, "the browser's session before has ended"
    thief = Client(HTTP_HOST="localhost")
    thief.cookies["session"] = first
    assert thief.get("/area").status_code == 302


def test_a_planted_key_is_worth_nothing(customer, visitor):
    visitor.cookies["session"] = "planted by somebody else"
    attempt(visitor, customer.handle)

    assert visitor.cookies["session"].value != "planted by somebody else"


def test_the_database_does_not_hold_the_key(customer):
    browser = customer.sign_in()
    key = browser.cookies["session"].value

    assert key not in str(Session.objects.values())
    assert len(key) >= 43


def test_signing_out_ends_the_session_on_our_side(customer):
    browser = customer.sign_in()
    key = browser.cookies["session"].value
    assert browser.post("/signout").headers["Location"] == "/signin"

    browser.cookies["session"] = key
    assert browser.get("/area").headers["Location"] == "/signin?next=%2Farea"
    acts = [entry.act for entry in ledger.entries_of(customer.account.pk).rows]
    assert acts[:2] == ["signin.signed_out", "signin.succeeded"]


def test_signing_out_twice_is_harmless(customer):
    browser = customer.sign_in()
    browser.post("/signout")
    assert browser.post("/signout").status_code == 302


def test_a_session_ends_after_thirty_idle_minutes(customer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        for _ in range(3):
            clock.shift(timedelta(minutes=29))
            assert browser.get("/area").status_code == 200
        clock.shift(timedelta(minutes=30))
        ended = browser.get("/area")
    assert ended.headers["Location"] == "/signin?next=%2Farea"
    assert ended.cookies["session"].value == ""


def test_staying_signed_in_lasts_fourteen_idle_days_and_thirty_in_all(customer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        attempt(customer.browser, customer.handle, stay="on")
        assert customer.browser.cookies["session"]["expires"]
        clock.shift(timedelta(days=13))
        assert customer.browser.get("/area").status_code == 200
        clock.shift(timedelta(days=13))
        assert customer.browser.get("/area").status_code == 200
        clock.shift(timedelta(days=4))
        assert customer.browser.get("/area").status_code == 302


def test_how_long_sessions_last_is_the_operators_choice(customer, settings):
    settings.NICHANDLE_SESSION_STAY_DAYS = timedelta(days=2)
    settings.NICHANDLE_SESSION_LONGEST_DAYS = timedelta(days=3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for days in ((2,), (1, 1, 1)):
            attempt(customer.browser, customer.handle, stay="on")
            for each in days[:-1]:
                clock.shift(timedelta(days=each))
                assert customer.browser.get("/area").status_code == 200
            clock.shift(timedelta(days=days[-1]))
            assert customer.browser.get("/area").status_code == 302


def test_who_is_not_signed_in_reads_times_of_the_operators_place(visitor, settings):
    settings.NICHANDLE_TIME_ZONE = "America/Montreal"
    visitor.get("/signin")
    assert timezone.get_current_timezone_name() == "America/Montreal"


def test_the_last_use_is_written_once_a_minute_at_most(customer, django_assert_num_queries):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        with django_assert_num_queries(1):
            browser.get("/area/identifier")
        clock.shift(timedelta(seconds=61))
        with django_assert_num_queries(2):
            browser.get("/area/identifier")


@pytest.mark.parametrize("path", ["/area", "/account/security", "/account/sessions"])
def test_pages_that_tell_of_sessions_read_no_more_where_there_are_many(customer, path):
    browser, now = customer.sign_in(), timezone.now()

    def cost() -> tuple[int, int]:
        made = []

        def count(execute, sql, params, many, context):
            result = execute(sql, params, many, context)
            if "signin_session" in sql and "LIMIT" in sql:
                made.append(sql)
            return result

        with CaptureQueriesContext(connection) as seen, connection.execute_wrapper(count):
            assert browser.get(path).status_code == 200
        return len(seen), len(made)

    few = cost()
    Session.objects.bulk_create(
        Session(
            key_digest=f"digest{number}",
            account=customer.account,
            created_at=now,
            last_used_at=now,
            expires_at=now + timedelta(days=1),
            idle_seconds=1800,
            fresh_at=now,
        )
        for number in range(500)
    )
    assert cost() == few
    assert few[1] == 1, "the sessions are read by one bounded statement"


def test_sessions_that_ended_by_idleness_are_cleared(customer, now):
    customer.sign_in()
    for hours, cleared in ((23, 0), (25, 1)):
        assert ending.clear_ended(now=timezone.now() + timedelta(hours=hours)) == cleared


def test_a_stolen_or_made_up_browser_secret_is_worth_nothing_elsewhere(customer, stranger, visitor):
    attempt(stranger.browser, stranger.handle)
    visitor.cookies["browser"] = stranger.browser.cookies["browser"].value
    for _ in range(5):
        attempt(visitor, customer.handle, "guess")
    visitor.cookies["browser"] = "made up"

    assert attempt(visitor, customer.handle).status_code == 429


def test_the_sessions_of_a_closed_account_open_nothing(customer):
    browser = customer.sign_in()
    Account.objects.filter(pk=customer.account.pk).update(state="closed", email_key=None)
    assert browser.get("/area").headers["Location"] == "/signin?next=%2Farea"
