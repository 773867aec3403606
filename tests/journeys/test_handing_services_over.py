"""Three people and their services: a hand-over with consent, an owner's decision, a dispute."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import WORDS as CREATING
from tests.journeys.people import Party, create_account, fits, new_address

pytestmark = pytest.mark.browser

CONFIRM, ASKED, DONE, DISPUTED, INVITED = (
    f"contacts/mail/{kind}" for kind in ("confirm", "asked", "done", "disputed", "invitation")
)
ANSWER, DISPUTE = "/contacts/answer/", "/contacts/dispute/"
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
    ("language", "name", "scripts", "width"),
    [
        ("fr", "boulangerie-mercier.example", True, 360),
        ("en", "www.boulangerie-mercier.example", False, 1280),
    ],
)
def test_a_hand_over_an_owners_decision_and_a_dispute(
    product, parties, language, name, scripts, width
):
    said = WORDS[language]
    diane, bakery, choir = parties(language, scripts=scripts, width=width)
    service = diane.service(name)

    # Diane, administrator, makes the choir the technical contact of the bakery's service.
    ask(diane, service, "technical", choir.handle, said)
    confirm(diane, product.mail(diane.email, CONFIRM).link(ANSWER), said)
    accept(choir, product.mail(choir.email, ASKED).link(ANSWER), said, terms=False)
    for party in (diane, bakery, choir):
        mail = product.mail(party.email, DONE, said["done mail"])
        assert service in mail.text
        assert mail.subject.startswith(f"[{party.handle}] ")

    # The bakery, owner, names the choir administrator in Diane's place.
    before = product.mark()
    ask(bakery, service, "administrator", choir.email, said)
    confirm(bakery, product.mail(bakery.email, CONFIRM).link(ANSWER), said)
    link = product.mail(choir.email, ASKED, since=before).link(ANSWER)
    accept(choir, link, said, terms=True)
    dispute = product.mail(diane.email, DONE, since=before).link(DISPUTE)

    # Diane disputes it from the mail, without signing in.
    diane.page.context.clear_cookies()
    diane.page.goto(dispute)
    assert fits(diane.page)
    diane.page.locator("#id_meaning_1").check()
    diane.page.get_by_role("button", name=said["dispute"]).click()
    expect(diane.page.get_by_role("heading", level=1)).to_be_visible()
    for party in (bakery, choir):
        assert service in product.mail(party.email, DISPUTED, said["disputed mail"]).text
    open_service(bakery.page, service)
    expect(bakery.page.locator(".banner.attention")).to_contain_text(said["frozen"])
    assert fits(bakery.page)


@pytest.mark.parametrize(("language", "scripts", "width"), [("fr", True, 360), ("en", False, 1280)])
def test_somebody_without_an_account_is_invited_creates_one_and_takes_the_role(
    product, parties, open_page, language, scripts, width
):
    said, invited = WORDS[language], new_address("invitee")
    diane, *_others = parties(language, scripts=scripts, width=width)
    service = diane.service("mercier.example")
    ask(diane, service, "technical", invited, said)
    confirm(diane, product.mail(diane.email, CONFIRM).link(ANSWER), said)

    # The invitation is in the asker's language; refusing would need nothing.
    mail = product.mail(invited, INVITED, said["invitation mail"])
    page = open_page(language=language, scripts=scripts, width=width)
    page.goto(mail.link(ANSWER))
    assert fits(page)
    expect(page.locator("main")).to_contain_text(service)
    expect(page.locator("main")).to_contain_text(diane.handle)

    # They create an account with the address, and the request waits for them there.
    handle, _address = create_account(page, product, CREATING[language], address=invited)
    page.goto("/contacts/requests")
    assert fits(page)
    page.get_by_role("link", name=service).first.click()
    page.get_by_role("link", name=said["accept"], exact=True).click()
    page.get_by_role("button", name=said["accept"], exact=True).click()
    expect(page.locator(".messages")).to_contain_text(said["handed over"])

    open_service(diane.page, service)
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
