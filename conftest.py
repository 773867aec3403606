"""What all tests share: three people, the way to their mails, and a closed network."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
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
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox import delivery, rendering
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.rendering import Message
from nichandle.platform.outbox.rendering import message as rendered_message

pytest_plugins = ["tests.support.course", "tests.support.database", "tests.support.ports"]
PASSWORD = "lavender tram across winter"  # noqa: S105 - of people who do not exist
_numbers = count(1)
MakeService = Callable[..., Service]
RECOVERY_CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}-[B-Z]{4}-[B-Z]{4}\b")
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")
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


class Post:
    """Delivers what waits, into memory, and reads it as its reader does."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, EmailMessage]] = []

    def connect(self) -> None:
        """Nothing needs opening."""

    announce = withdraw = lambda *_: None

    def send(self, message: Message, meanwhile: Callable[[], None]) -> None:
        read = message_from_bytes(message.data.replace(b"\r\n", b"\n"), policy=default)
        self.messages.append((message.recipient, read))
        meanwhile()

    def close(self) -> None:
        """Nothing is open."""

    def deliver(self) -> list[tuple[str, EmailMessage]]:
        before = len(self.messages)
        for mail in Mail.objects.filter(state="queued").order_by("pk"):
            delivery.deliver_one(mail, self, clock=timezone.now)
        return self.messages[before:]

    def take(self, mail: Mail) -> None:
        """Read one mail, and leave it to the test to say that it was accepted."""
        self.send(rendering.message(mail), lambda: None)

    def last_to(self, address: str) -> EmailMessage:
        self.deliver()
        return [message for recipient, message in self.messages if recipient == address][-1]

    def code_to(self, address: str) -> str:
        found = CODE.search(text_of(self.last_to(address)))
        assert found, "the mail holds no code"
        return found[0]


def waiting_code(template: str, address: str) -> str:
    """Read the code in a mail that waits, and leave the mail where it is."""
    mail = Mail.objects.filter(template=template, recipient=address, state="queued").latest("pk")
    found = CODE.search(rendered_message(mail).data.decode())
    assert found, "the mail holds no code"
    return found[0]


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


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
def post() -> Post:
    return Post()


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
        origin=origin,
        now=moment,
    )
    opened = accounts.open_account(
        account_id=account.pk,
        kind="individual",
        details={**PERSON, **details},
        recovery_address=None,
        origin=origin,
        now=moment,
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
