"""The three people of most tests: a customer, their contact, a stranger; and their services."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pyotp
import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.commerce.services.models import Service
from nichandle.commerce.services.operations import create as create_service
from nichandle.identity.accounts import operations as accounts
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.passwords import hash_password
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from tests.support.post import waiting_code

PASSWORD = "lavender tram across winter"
_numbers = count(1)
MakeService = Callable[..., Service]
RECOVERY_CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}-[B-Z]{4}-[B-Z]{4}\b")
PERSON = {
    "given_name": "Diane",
    "family_name": "Mercier",
    "address": "12 rue des Lilas",
    "postcode": "59800",
    "city": "Lille",
    "phone": "+33612345678",
}


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and the browser they use."""

    account: Account
    handle: str
    email: str
    password: str
    browser: Client

    def sign_in(
        self, browser: Client | None = None, *, code: str = "", password: str = ""
    ) -> Client:
        """
        Sign in from one's own browser, or from another, as far as the customer area.

        ``code`` is what the person's app shows, if they have set one up; ``password`` a new one.
        """
        browser = browser or self.browser
        answer = browser.post(
            "/signin", {"identifier": self.handle, "password": password or self.password}
        )
        if answer.headers.get("Location", "").startswith("/signin/code"):
            code = waiting_code("signin/mail/code", self.email)
            answer = browser.post(answer.headers["Location"], {"code": code})
        elif code:
            answer = browser.post(answer.headers["Location"], {"method": "app", "code": code})
        assert answer.status_code == 302, answer.content.decode()
        assert not answer.headers["Location"].startswith("/signin"), answer.headers["Location"]
        return browser


@pytest.fixture
def now() -> datetime:
    """The moment of operations called directly: the worker's clock beside them is the real one."""
    return timezone.now()


@pytest.fixture
def origin() -> Origin:
    return Origin(
        "203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    )


@pytest.fixture
def visitor() -> Client:
    """A browser nobody has signed in with."""
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")


def set_up_app(person: Person, *, days_ago: int = 0) -> tuple[str, list[str]]:
    """Set an authenticator app up, through the page; return its seed and the recovery codes."""
    with time_machine.travel(timezone.now() - timedelta(days=days_ago), tick=False):
        person.sign_in()
        page = person.browser.get("/account/security/factors/app").content.decode()
        seed = re.search(r'class="seed">([A-Z2-7 ]+)<', page)
        setup = re.search(r'name="setup" value="([^"]+)"', page)
        assert seed
        assert setup
        written = seed[1].replace(" ", "")
        given = {"name": "Telephone", "setup": setup[1], "code": app_code(written)}
        answer = person.browser.post("/account/security/factors/app", given)
        assert answer.status_code == 200, answer.headers.get("Location")
        person.browser.post("/signout")
    return written, RECOVERY_CODE.findall(answer.content.decode())[:10]


def app_code(seed: str, *, steps: int = 0) -> str:
    """Return the code an app shows now, or some steps of thirty seconds later."""
    return pyotp.TOTP(seed).at(timezone.now() + timedelta(seconds=30 * steps))


def make_person(email: str, **details: str) -> Person:
    password_hash, length_class = hash_password(PASSWORD)
    origin, moment = Origin("203.0.113.7", ""), timezone.now()
    account = accounts.create_opening(
        email=email,
        password_hash=password_hash,
        length_class=length_class,
        country="FR",
        language="en",
        act=Act(origin, moment),
    )
    opened = accounts.open_account(
        account_id=account.pk,
        kind="individual",
        details={**PERSON, **details},
        recovery_address=None,
        act=Act(origin, moment),
    )
    browser = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    return Person(account, opened.handle, email, PASSWORD, browser)


@pytest.fixture
def customer(db: None) -> Person:
    return make_person("diane@example.org")


@pytest.fixture
def contact(db: None) -> Person:
    return make_person("paul@example.org", given_name="Paul", family_name="Martin")


@pytest.fixture
def stranger(db: None) -> Person:
    return make_person("eve@example.net", given_name="Ève", family_name="Noir")


@pytest.fixture
def make_service(customer: Person) -> MakeService:
    """Make a service: the customer's, but for the roles given to others."""

    def make(name: str = "", product: str = "domain", **given: Any) -> Service:
        contacts = {
            role: given.pop(role).account.pk
            for role in ("owner", "administrator", "technical", "billing")
            if role in given
        }
        return create_service(
            product=product,
            name=name or f"name{next(_numbers)}.example",
            account_id=customer.account.pk,
            contacts=contacts,
            period_months=12,
            now=given.pop("now", None) or timezone.now(),
            **({"state": "active"} | given),
        )

    return make
