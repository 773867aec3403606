"""Three people and their services: a hand-over with consent, an owner's decision, a dispute."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from nichandle.accounts.demo import CUSTOMERS
from tests.journeys.conftest import CODE, Product, text_of
from tests.journeys.test_creating_and_signing_in import fits

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ANSWER = re.compile(r"http://localhost:\d+/contacts/answer/\S+")
DISPUTE = re.compile(r"http://localhost:\d+/contacts/dispute/\S+")
WORDS = {
    "fr": {
        "modify": "Modifier les contacts",
        "validate": "Valider",
        "written": "Votre demande est enregistrée",
        "confirm": "Confirmer",
        "accept": "Accepter",
        "terms": "J’accepte les conditions de ces services",
        "handed over": "Les rôles sont cédés",
        "done mail": "Des contacts de services ont changé",
        "dispute": "Contester cette cession",
        "disputed": "La cession est contestée",
        "disputed mail": "contestée",
        "frozen": "font l’objet d’un litige",
    },
    "en": {
        "modify": "Modify the contacts",
        "validate": "Validate",
        "written": "Your request is written",
        "confirm": "Confirm",
        "accept": "Accept",
        "terms": "I accept the terms of these services",
        "handed over": "The roles are handed over",
        "done mail": "Contacts of services were handed over",
        "dispute": "Dispute this hand-over",
        "disputed": "The hand-over is disputed",
        "disputed mail": "is disputed",
        "frozen": "are in dispute",
    },
}


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
                name = {"fr": "Français", "en": "English"}[language]
                page.get_by_role("button", name=name).click()
            expect(page.locator("html")).to_have_attribute("lang", language)
            found.append(party)
        return found

    return three


@pytest.mark.parametrize(
    ("language", "service", "scripts", "width"),
    [
        ("fr", "boulangerie-mercier.example", True, 360),
        ("en", "www.boulangerie-mercier.example", False, 1280),
    ],
)
def test_a_hand_over_an_owners_decision_and_a_dispute(
    product, parties, language, service, scripts, width
):
    said = WORDS[language]
    diane, bakery, choir = parties(language, scripts=scripts, width=width)

    # Diane, administrator, makes the choir the technical contact of the bakery's service.
    with diane.mailed(ANSWER) as mine, choir.mailed(ANSWER) as theirs:
        ask(diane, service, "technical", choir.handle, said)
    confirm(diane, mine[0], said)
    accept(choir, theirs[0], said, terms=False)
    for party in (diane, bakery, choir):
        mail = product.mailbox.wait_for(party.email, said["done mail"])
        assert str(mail["Subject"]).startswith(f"[{party.handle}] ")
        assert service in text_of(mail)

    # The bakery, owner, names the choir administrator in Diane's place.
    with bakery.mailed(ANSWER) as mine, choir.mailed(ANSWER) as theirs:
        ask(bakery, service, "administrator", choir.email, said)
    confirm(bakery, mine[0], said)
    with diane.mailed(DISPUTE) as dispute:
        accept(choir, theirs[0], said, terms=True)

    # Diane disputes it from the mail, without signing in.
    diane.page.context.clear_cookies()
    diane.page.goto(dispute[0])
    assert fits(diane.page)
    diane.page.get_by_role("button", name=said["dispute"]).click()
    expect(diane.page.get_by_role("heading", level=1)).to_be_visible()
    for party in (bakery, choir):
        product.mailbox.wait_for(party.email, said["disputed mail"])
    open_service(bakery.page, service)
    expect(bakery.page.locator(".banner.attention")).to_contain_text(said["frozen"])
    assert fits(bakery.page)


def ask(party: Party, service: str, role: str, named: str, said: dict[str, str]) -> None:
    page = party.page
    page.goto("/contacts")
    assert fits(page)
    page.get_by_role("row").filter(
        has=page.get_by_role("link", name=service, exact=True)
    ).get_by_role("checkbox").check()
    page.get_by_role("button", name=said["modify"], exact=True).click()
    assert fits(page)
    page.locator(f"#id_{role}").fill(named)
    page.get_by_role("button", name=said["validate"]).click()
    expect(page.locator(".messages")).to_contain_text(said["written"])


def confirm(party: Party, link: str, said: dict[str, str]) -> None:
    party.page.goto(link)
    assert fits(party.page)
    party.page.get_by_role("link", name=said["confirm"], exact=True).click()
    party.page.get_by_role("button", name=said["confirm"], exact=True).click()
    party.page.wait_for_url(re.compile(r"/contacts/requests/\d+$"))


def accept(party: Party, link: str, said: dict[str, str], *, terms: bool) -> None:
    party.page.goto(link)
    party.page.get_by_role("link", name=said["accept"], exact=True).click()
    if terms:
        party.page.get_by_label(said["terms"]).check()
    party.page.get_by_role("button", name=said["accept"], exact=True).click()
    expect(party.page.locator(".messages")).to_contain_text(said["handed over"])
    assert fits(party.page)


def open_service(page: Page, service: str) -> None:
    page.goto("/services")
    assert fits(page)
    page.get_by_role("link", name=service, exact=True).click()
