"""A real browser on the product as it runs for people."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from nichandle.identity.accounts.demo import CUSTOMERS
from tests.journeys.installation import Product, serving
from tests.journeys.people import Party, new_address, own_word
from tests.support.database import sqlite_template

NAMES = ("diane", "bakery", "choir")
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


@pytest.fixture(scope="session")
def installations(django_db_blocker) -> Iterator:
    """Start an installation at its first use: one where time goes by, one where it does not."""
    running: dict[bool, Product] = {}
    with django_db_blocker.unblock():
        database = sqlite_template()
    with ExitStack() as stack:

        def started(time_goes_by: bool) -> Product:
            if time_goes_by not in running:
                one = serving(database, time_goes_by=time_goes_by)
                running[time_goes_by] = stack.enter_context(one)
            return running[time_goes_by]

        yield started


@pytest.fixture
def product(request, installations) -> Product:
    return installations(request.node.get_closest_marker("travels") is not None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """
    Start the browser; it ends with the module.

    What drives it leaves an event loop running, beside which Django touches no database, and the
    same process has other tests to do.
    """
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
    """Sign three customers of this test's own in, each with a browser, in one language."""

    def three(language: str, *, details=None, names=NAMES, **screen) -> list[Party]:
        emails = [new_address(name) for name in names]
        word = own_word()
        told = {"language": language, "word": word, "emails": emails, "details": details or {}}
        handles = product.seed(**told)
        found = []
        for like, email, handle in zip(CUSTOMERS, emails, handles, strict=True):
            page = open_page(language=language, **screen)
            page.goto("/signin")
            page.locator("#id_identifier").fill(handle)
            page.locator("#id_password").fill(like.password)
            with page.expect_navigation(url=re.compile("/area$")):
                page.locator("main form .button.primary").first.click()
            expect(page.locator("html")).to_have_attribute("lang", language)
            found.append(Party(page, email, handle, word))
        return found

    return three
