"""While somebody holds SQLite's one writer, pages are read; what cannot be saved is said."""

import sqlite3
import time
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client

from nichandle.config.serving import health
from nichandle.identity.signin.models import Session
from nichandle.platform.installation.probe import Probe
from nichandle.platform.kernel.database import Trouble, is_postgresql, trouble, unless_busy

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(is_postgresql(), reason="one writer is SQLite's own"),
]
PATIENT, HASTY = 4.0, 0.2
"""Seconds to wait for the writer: that of a page that must not, and that of a form that does."""

PAGES = (
    *(
        "/",
        "/signin",
        "/password/lost",
        "/identifier/lost",
        "/signup",
        "/procedure",
        "/desk/signin",
    ),
    *("/area", "/area/identifier", "/account", "/account/edit", "/account/sessions"),
    *("/account/password", "/account/security", "/account/security/factors"),
    *("/account/recovery-addresses", "/account/ledger", "/account/ledger.csv", "/account/mails"),
    *("/services", "/contacts", "/contacts/requests", "/account/address"),
    *("/password/new/x", "/not-me/x", "/change/veto/x", "/signin/open/x", "/brand.css", "/healthz"),
)


@contextmanager
def held(wait=HASTY):
    """Hold the write lock, as a backup or a checkpoint of somebody else may."""
    connection.ensure_connection()
    usual = connection.settings_dict["OPTIONS"]["timeout"]
    connection.settings_dict["OPTIONS"]["timeout"] = wait
    connection.close()
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=1)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.rollback()
            connection.settings_dict["OPTIONS"]["timeout"] = usual
            connection.close()


@pytest.fixture
def browser(customer):
    customer.sign_in()
    # Long enough ago that the next page notes the use.
    for session in Session.objects.all():
        Session.objects.filter(pk=session.pk).update(
            last_used_at=session.last_used_at - timedelta(minutes=5)
        )
    customer.browser.raise_request_exception = False
    return customer.browser


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_read(browser, page):
    with held(PATIENT):
        begun = time.monotonic()
        answer = browser.get(page, follow=True)
        b"".join(answer)
        spent = time.monotonic() - begun

    assert answer.status_code in {200, 404, 410}
    assert spent < PATIENT


def test_whether_it_can_serve_is_answered_at_once(browser, monkeypatch):
    monkeypatch.setattr(health, "probe", Probe())
    with held(PATIENT):
        assert browser.get("/readyz").json()["database"]


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("/signin", {"identifier": "dm000000", "password": "lavender tram across winter"}),
        ("/account/password", {"present": "x", "password": "y"}),
        ("/password/lost", {"identifier": "diane@example.org"}),
        ("/account/sessions/end-others", {}),
        ("/signout", {}),
    ],
)
def test_what_cannot_be_saved_is_said_with_what_to_do(browser, page, typed):
    with held():
        answer = browser.post(page, typed, headers={"accept-language": "en"})

    if answer.status_code != 503:
        # It had nothing to write: a form sent back, a fresh sign-in asked for.
        assert answer.status_code in {200, 302, 422}
        return
    text = answer.content.decode()
    assert answer.headers["Retry-After"] == "5"
    assert "Try again in a moment" in text
    assert "Traceback" not in text


def test_a_failed_sign_in_is_not_answered_before_it_is_counted(browser):
    typed = {"identifier": "dm000000", "password": "lavender tram across winter"}
    with held():
        answer = Client(raise_request_exception=False).post("/signin", typed)

    assert answer.status_code == 503


def test_the_use_of_a_session_is_noted_when_nobody_is_in_the_way(browser):
    before = set(Session.objects.values_list("last_used_at", flat=True))
    browser.get("/area")

    assert set(Session.objects.values_list("last_used_at", flat=True)) != before


def test_only_being_busy_is_passed_over():
    with pytest.raises(OperationalError), unless_busy(), connection.cursor() as cursor:
        cursor.execute("UPDATE nothing_of_the_kind SET x = 1")


@pytest.fixture
def full():
    """Return what SQLite says when there is no room."""
    with connection.cursor() as cursor:
        # It cannot be less than there is.
        cursor.execute("PRAGMA max_page_count = 1")
        cursor.fetchall()
        with pytest.raises(OperationalError) as error:
            cursor.execute("CREATE TABLE filler AS SELECT randomblob(50000000) AS x")
    connection.close()
    return error.value


def test_a_full_disk_is_said_as_such(full, monkeypatch):
    def refuse(*_given, **_named):
        raise full

    assert trouble(full) is Trouble.FULL
    monkeypatch.setattr(
        "nichandle.identity.signin.sessions.middleware.SigninMiddleware.process_view", refuse
    )
    # Whose middleware is not loaded yet.
    browser = Client(raise_request_exception=False)
    answer = browser.post("/password/lost", {}, headers={"accept-language": "en"})

    assert answer.status_code == 503
    assert "no room left on our side" in answer.content.decode()
