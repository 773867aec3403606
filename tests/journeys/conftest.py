"""The product as it runs for people: its processes, a real browser, a real mail server."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from nichandle.identity.accounts.demo import CUSTOMERS
from nichandle.platform.kernel.languages import own_name

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NICHANDLE = Path(sys.executable).parent / "nichandle"
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")


@dataclass
class Mailbox:
    """What the mail server was given, oldest first."""

    messages: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - the library's
        message = message_from_bytes(envelope.content, policy=default)
        self.messages += [(recipient, message) for recipient in envelope.rcpt_tos]
        return "250 accepted"

    def wait_for(
        self, address: str, words: str, *, about: str = "", seconds: float = 20
    ) -> EmailMessage:
        """
        Return the newest mail to an address whose subject holds some words.

        ``about`` is something its text says: what other journeys were told is not meant.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for recipient, message in reversed(self.messages):
                if recipient != address or words not in str(message["Subject"]):
                    continue
                if about in text_of(message):
                    return message
            time.sleep(0.1)
        raise AssertionError(f"no mail “{words}” to {address}: {self.messages}")

    def code(self, address: str, words: str) -> str:
        found = CODE.search(text_of(self.wait_for(address, words)))
        assert found
        return found[0]


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@dataclass(frozen=True)
class Product:
    url: str
    mailbox: Mailbox
    data: Path
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """Run one of the operator's commands beside the product; return what it prints."""
        done = subprocess.run(
            [NICHANDLE, *words], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def travel(self, **much: float) -> None:
        """
        Let time go by: what was written is that much older from now on.

        Not the ledgers, which cannot be rewritten.
        """
        back = f"-{timedelta(**much).total_seconds()} seconds"
        with closing(sqlite3.connect(self.data / "nichandle.sqlite3", timeout=20)) as base, base:
            for table, column in moments(base):
                base.execute(
                    f"UPDATE {table} SET {column} = strftime('%Y-%m-%d %H:%M:%f000', {column}, ?)",  # noqa: S608 - names of our own tables
                    [back],
                )


def moments(base: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return every column that holds a time, but the ledgers'."""
    return base.execute(
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND c.type = 'datetime'"
        " AND t.name NOT LIKE 'audit_%' AND t.name NOT LIKE 'handles_%'"
    ).fetchall()


@dataclass(frozen=True)
class Party:
    """One of the three customers at their own browser."""

    page: Page
    email: str
    handle: str
    product: Product

    @contextmanager
    def mailed(self, pattern: re.Pattern[str]) -> Iterator[list[str]]:
        """Give what a pattern finds in the mail that comes because of the body."""
        before, found = len(self.product.mailbox.messages), list[str]()
        yield found
        found.append(self.new_mail(pattern, since=before))

    def new_mail(self, pattern: re.Pattern[str], *, since: int) -> str:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            for recipient, message in self.product.mailbox.messages[since:]:
                match = pattern.search(text_of(message)) if recipient == self.email else None
                if match:
                    return match[0]
            time.sleep(0.1)
        raise AssertionError(f"no mail to {self.email} with {pattern.pattern}")


@pytest.fixture(scope="session")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=_free_port())
    server.start()
    yield box, server.port
    server.stop()


@pytest.fixture(scope="session")
def product(mailbox: tuple[Mailbox, int]) -> Iterator[Product]:
    """Start web and worker on an empty data folder, with demo data and mail by SMTP."""
    box, mail_port = mailbox
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="nichandle-journey-") as data:
        clean = {key: text for key, text in os.environ.items() if "NICHANDLE" not in key}
        environment = {
            **clean,
            "NICHANDLE_DATA": data,
            "NICHANDLE_PORT": str(port),
            "NICHANDLE_MAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        with subprocess.Popen(
            [NICHANDLE, "serve", "--prepare"], env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert "http" in line, line
                yield Product(f"http://localhost:{port}", box, Path(data), environment)
            finally:
                process.terminate()
                process.wait(30)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, product: Product) -> Iterator:
    """Open a page in a new browser of a given language, width, scheme, with or without scripts."""
    contexts: list[BrowserContext] = []

    def opened(
        *, language: str = "fr", width: int = 1280, scheme: str = "light", scripts: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=product.url,
            locale=language,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
            java_script_enabled=scripts,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def parties(product, open_page):
    """Sign the three demo customers in, each with a browser of their own, in one language."""

    def three(language: str, **screen) -> list[Party]:
        found = []
        for customer in CUSTOMERS:
            page = open_page(language=language, **screen)
            party = Party(page, customer.email, customer.handle, product)
            page.goto("/signin")
            page.locator("#id_identifier").fill(customer.handle)
            page.locator("#id_password").fill(customer.password)
            before = len(product.mailbox.messages)
            with page.expect_navigation(url=re.compile("/area$|/signin/code")):
                page.locator("main form .button.primary").first.click()
            if "/signin/code" in page.url:
                # An account that has been signed in to before does not know this browser.
                page.locator("#id_code").fill(party.new_mail(CODE, since=before))
                page.locator("main form .button.primary").first.click()
                page.wait_for_url("**/area")
            if page.locator("html").get_attribute("lang") != language:
                page.locator(".language summary").click()
                page.get_by_role("button", name=own_name(language)).click()
            expect(page.locator("html")).to_have_attribute("lang", language)
            found.append(party)
        return found

    return three


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
