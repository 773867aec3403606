"""The log: which page, and never the secret in its address."""

import logging

import pytest
from django.db import OperationalError
from django.test import Client

from nichandle.config.serving.journal import Discreet

SECRET = "q7Zk2mWv9xB4tR8nL1pD6hJ3"
LINE = Discreet("%(levelname)s %(name)s: %(message)s")

pytestmark = pytest.mark.django_db

ADDRESSES = (
    f"/password/new/{SECRET}",
    f"/not-me/{SECRET}",
    f"/change/veto/{SECRET}",
    f"/desk/setup/{SECRET}",
    f"/signin/open/{SECRET}",
    f"/contacts/answer/{SECRET}",
    f"/recovery-address/undo/{SECRET}",
    f"/password/new/{SECRET}/x",
    f"/nowhere/{SECRET}",
    f"/signin?next=/password/new/{SECRET}",
    f"/signin?x={SECRET}",
    f"/password/new/{SECRET}%20",
)


@pytest.fixture
def lines():
    """Collect what would be written, as it would be written."""
    found = []

    class Kept(logging.Handler):
        def emit(self, record):
            found.append(LINE.format(record))

    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_form_without_a_cookie_leaves_no_secret_in_the_log(lines, address):
    Client(enforce_csrf_checks=True).post(address, {"password": "whatever it is"})

    assert SECRET not in "\n".join(lines)


def test_the_page_is_named_instead(lines):
    Client(enforce_csrf_checks=True).post(f"/password/new/{SECRET}", {})

    (line,) = [line for line in lines if "CSRF" in line]
    assert "recovery:" in line


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_breaks_leaves_no_secret_in_the_log(lines, monkeypatch, address):
    def break_it(request, *_given, **_named):
        logging.getLogger("nichandle.any").warning("this is about %s", request.get_full_path())
        raise RuntimeError(f"broken by {SECRET} at {request.path} with {request.COOKIES}")

    monkeypatch.setattr(
        "nichandle.identity.signin.sessions.middleware.SigninMiddleware.process_view", break_it
    )
    browser = Client(raise_request_exception=False)
    browser.cookies["session"] = "c00k1e" * 4
    browser.get(address)

    text = "\n".join(lines)
    assert SECRET not in text
    assert "c00k1e" * 4 not in text


def test_a_busy_database_is_a_line_and_no_traceback(lines, monkeypatch):
    def busy(*_given, **_named):
        raise OperationalError("nobody answers")

    monkeypatch.setattr(
        "nichandle.identity.signin.sessions.middleware.SigninMiddleware.process_view", busy
    )
    answer = Client(raise_request_exception=False).get("/signin")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    (line,) = [line for line in lines if "django.request" in line]
    assert "Traceback" not in line


def test_anything_else_is_still_a_traceback(lines, monkeypatch):
    def broken(*_given, **_named):
        raise RuntimeError("as said")

    monkeypatch.setattr(
        "nichandle.identity.signin.sessions.middleware.SigninMiddleware.process_view", broken
    )
    answer = Client(raise_request_exception=False).get("/signin")

    assert answer.status_code == 500
    assert "as said" in "\n".join(lines)
