"""What every answer of the product carries, whichever page it is of and whoever asks."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nichandle.config.permissions import PERMISSIONS
from tests.house.test_permissions import address

pytestmark = pytest.mark.django_db
STATIC = ("/static/ui/nichandle.css", "/static/ui/nichandle.js", "/static/ui/icon.svg")
FONT = "/static/ui/fonts/inter-latin.woff2"
NOWHERE, UNREADABLE = "/nowhere/at/all", "/signin?x=%00"
WRITES = re.compile(r"^\s*(?:INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
# Noting once a minute that a session is in use is no act of its owner; and what asks whether a
# write succeeds has to try one.
NO_ACT = re.compile(
    r'^\s*(?:UPDATE "?signin_session|(?:UPDATE|INSERT INTO) "?installation_installation)\b',
    re.IGNORECASE,
)
SECRETS = re.compile(r"password|code|token|secret|key|identifier|email")


@pytest.fixture
def answers(customer, visitor) -> Callable[[], Iterator[tuple[str, HttpResponse]]]:
    """Every page and form, as a stranger and as a customer, and what is no page of the product."""

    def all_of_them() -> Iterator[tuple[str, HttpResponse]]:
        signed_in = customer.sign_in()
        for browser in (visitor, signed_in):
            for row in PERMISSIONS:
                place = address(row.name)
                if row.name != "signin:signout":
                    yield f"GET {place}", browser.get(place)
                    yield f"POST {place}", browser.post(place)
            for place in (*STATIC, FONT, NOWHERE, UNREADABLE):
                yield f"GET {place}", fetched(browser, place)

    return all_of_them


def fetched(browser: Client, place: str, **more: str) -> HttpResponse:
    answer = browser.get(place, headers=more)
    # Read to its end a file is closed.
    assert b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def says_what_it_is(place: str, answer: HttpResponse) -> str:
    kind = answer.headers.get("Content-Type", "")
    assert kind or answer.status_code == 302, place
    if kind.startswith(("text/", "image/svg")):
        assert kind.replace('"', "").endswith("; charset=utf-8"), (place, kind)
    return kind.partition(";")[0]


def directives(answer: HttpResponse) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


def confines_the_browser(place: str, answer: HttpResponse) -> None:
    policy = directives(answer)
    assert policy["default-src"] == "'none'", place
    assert policy.get("object-src", "'none'") == "'none'", place
    assert policy.get("script-src", "'self'") == "'self'", place
    assert policy["base-uri"] == "'none'", place
    assert policy["frame-ancestors"] in {"'none'", "'self'"}, place
    assert "unsafe" not in str(policy), place
    assert answer.headers["X-Content-Type-Options"] == "nosniff", place
    assert answer.headers["Referrer-Policy"] == "same-origin", place
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", place
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", place


def test_every_answer_says_what_it_is_and_confines_the_browser(answers):
    seen = set()
    for place, answer in answers():
        confines_the_browser(place, answer)
        seen.add(says_what_it_is(place, answer))

    assert seen >= {"text/html", "text/css", "text/csv", "text/javascript", "image/svg+xml"}
    assert seen >= {"application/json", "font/woff2"}


def test_no_other_site_reads_an_answer(customer):
    browser = customer.sign_in()
    for place in ("/area", "/healthz", "/brand.css", *STATIC, FONT):
        answer = fetched(browser, place, origin="https://evil.example")
        assert answer.status_code == 200, place
        allowed = [name for name in answer.headers if name.lower().startswith("access-control")]
        assert not allowed, place


def test_nobody_is_sent_on_from_the_door_without_lock(visitor):
    """A program that speaks in clear has to notice; the proxy sends browsers on."""
    for place in ("/signin", "/healthz", "/brand.css"):
        assert visitor.get(place).status_code == 200


def test_a_method_that_repeats_what_was_sent_is_refused(customer):
    browser = customer.sign_in()
    for row in PERMISSIONS:
        answer = browser.trace(address(row.name))
        assert answer.status_code == 405, row.name
        assert browser.cookies["session"].value not in answer.content.decode()


@pytest.mark.parametrize(
    "place",
    [
        "/.git/config",
        "/.git/HEAD",
        "/.env",
        "/pyproject.toml",
        "/nichandle/config/settings.py",
        "/var/secret",
        "/static/",
        "/static/ui",
        "/static/ui/",
        "/static/ui/fonts/",
        "/static/../pyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/ui/nichandle.css/",
        "/static//etc/passwd",
        "/account/settings.css",
        "/area/style.css",
    ],
)
def test_no_folder_is_listed_and_no_file_served_that_was_not_meant(visitor, place):
    answer = visitor.get(place)

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_reading_a_page_does_nothing(customer):
    browser = customer.sign_in()
    for row in PERMISSIONS:
        with CaptureQueriesContext(connection) as said:
            browser.get(address(row.name))
        written = [one["sql"] for one in said if WRITES.match(one["sql"])]
        assert not [sql for sql in written if not NO_ACT.match(sql)], row.name


class Forms(HTMLParser):
    """The fields of the forms that a browser writes into the address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.in_address, self.fields = False, set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.in_address = (given.get("method") or "get").lower() != "post"
        elif tag in {"input", "select", "textarea"} and self.in_address:
            self.fields.add(given.get("name") or "")


def test_no_form_writes_a_secret_into_the_address(customer, visitor):
    found, signed_in = set(), customer.sign_in()
    for row in PERMISSIONS:
        for browser in (visitor, signed_in):
            answer = browser.get(address(row.name))
            # The page of samples is the demo's alone.
            if answer.headers.get("Content-Type", "").startswith("text/html") and not row.demo_only:
                fields = Forms(answer.content.decode()).fields
                assert not [name for name in fields if SECRETS.search(name)], row.name
                found |= fields

    assert found, "there are forms that search"


def test_what_stands_in_the_address_is_no_part_of_a_form(customer, visitor):
    given = f"identifier={customer.handle}&password={customer.password}"

    answer = visitor.post(f"/signin?{given}")

    assert answer.status_code == 422
    assert "session" not in answer.cookies
    assert visitor.get("/area").status_code == 302


def test_a_field_given_twice_is_not_joined(customer, visitor):
    answer = visitor.post(
        "/signin",
        {"identifier": [customer.handle, "nobody"], "password": customer.password},
    )

    assert answer.status_code == 422
    assert visitor.get("/area").status_code == 302


def test_browsers_come_back_by_https_alone_for_a_year(settings):
    settings.BASE_URL = "https://clients.example.net"
    settings.ALLOWED_HOSTS = ["clients.example.net"]
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    browser = Client(HTTP_HOST="clients.example.net")
    for place in ("/", "/signin", NOWHERE, "/healthz", "/brand.css"):
        sealed_for = browser.get(place, secure=True).headers["Strict-Transport-Security"]
        assert sealed_for.startswith("max-age=31536000"), place
