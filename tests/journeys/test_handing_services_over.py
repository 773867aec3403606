"""Three people and their services: a hand-over with consent, an owner's decision, a dispute."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Party, text_of
from tests.journeys.test_creating_and_signing_in import WORDS as CREATING
from tests.journeys.test_creating_and_signing_in import create_account, fits

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
        "invitation mail": "invité",
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
        "invitation mail": "invited",
    },
}


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
        mail = product.mailbox.wait_for(party.email, said["done mail"], about=service)
        assert str(mail["Subject"]).startswith(f"[{party.handle}] ")

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
        product.mailbox.wait_for(party.email, said["disputed mail"], about=service)
    open_service(bakery.page, service)
    expect(bakery.page.locator(".banner.attention")).to_contain_text(said["frozen"])
    assert fits(bakery.page)


@pytest.mark.parametrize(("language", "scripts", "width"), [("fr", True, 360), ("en", False, 1280)])
def test_somebody_without_an_account_is_invited_creates_one_and_takes_the_role(
    product, parties, open_page, language, scripts, width
):
    said, invited = WORDS[language], f"invitee-{language}@example.org"
    diane, *_others = parties(language, scripts=scripts, width=width)
    with diane.mailed(ANSWER) as mine:
        ask(diane, "mercier.example", "technical", invited, said)
    confirm(diane, mine[0], said)

    # The invitation is in the asker's language; refusing would need nothing.
    mail = product.mailbox.wait_for(invited, said["invitation mail"])
    link = ANSWER.search(text_of(mail))
    assert link
    page = open_page(language=language, scripts=scripts, width=width)
    page.goto(link[0])
    assert fits(page)
    expect(page.locator("main")).to_contain_text("mercier.example")
    expect(page.locator("main")).to_contain_text(diane.handle)

    # They create an account with the address, and the request waits for them there.
    handle, _address = create_account(page, product, CREATING[language], address=invited)
    page.goto("/contacts/requests")
    assert fits(page)
    page.get_by_role("link", name="mercier.example").first.click()
    page.get_by_role("link", name=said["accept"], exact=True).click()
    page.get_by_role("button", name=said["accept"], exact=True).click()
    expect(page.locator(".messages")).to_contain_text(said["handed over"])

    open_service(diane.page, "mercier.example")
    expect(diane.page.locator("main")).to_contain_text(handle)


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
