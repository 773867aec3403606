"""The change of the primary address, as people do it: with the code, by silence, and undone."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import findings
from tests.journeys.installation import Product
from tests.journeys.people import PASSWORD, WORDS, create_account, fits, new_address

pytestmark = pytest.mark.browser

CODE, PROOF, CHANGED = (f"emailchange/mail/{kind}" for kind in ("code", "proof", "changed"))

SAID = {
    "fr": {
        "change": "Changer mon adresse",
        "received": "J’ai reçu mon code de validation",
        "code": "Code de validation",
        "code mail": "Code pour changer d’adresse",
        "proof mail": "Confirmez votre nouvelle adresse",
        "changed mail": "Votre adresse principale a changé",
        "reminder mail": "Votre adresse change dans quatre heures",
        "automatic": "Sera accepté automatiquement le",
        "prove": "C’est la mienne",
        "proven": "Adresse confirmée",
        "now": "Votre adresse principale est maintenant",
        "elsewhere": "Pas encore confirmée",
        "new code": "Code du message envoyé à la nouvelle adresse",
        "confirm": "Confirmer la nouvelle adresse",
        "confirmed": "La nouvelle adresse est confirmée.",
        "undo": "Ce n’était pas moi : annuler",
        "go on": "Continuer",
        "undone": "Changement annulé",
        "refuse": "Ce n’était pas moi : refuser",
        "refused": "Changement refusé",
    },
    "en": {
        "change": "Change my address",
        "received": "I have received my validation code",
        "code": "Validation code",
        "code mail": "Code to change your address",
        "proof mail": "Prove your new address",
        "changed mail": "Your primary address has changed",
        "reminder mail": "Your address changes in four hours",
        "automatic": "Will be accepted automatically on",
        "prove": "It is mine",
        "proven": "Address proven",
        "now": "Your primary address is now",
        "elsewhere": "Not confirmed yet",
        "new code": "Code from the mail to the new address",
        "confirm": "Confirm the new address",
        "confirmed": "The new address is confirmed.",
        "undo": "It was not me: undo",
        "go on": "Go on",
        "undone": "Change undone",
        "refuse": "It was not me: refuse",
        "refused": "Change refused",
    },
}


def ask(page: Page, product: Product, said: dict[str, str]) -> str:
    """Ask for another address, and return it."""
    new = new_address("diane.new", "example.com")
    page.goto("/account")
    page.get_by_role("link", name=said["change"]).click()
    page.locator("#id_address").fill(new)
    page.get_by_role("button", name=said["change"]).click()
    expect(page.get_by_text(new).first).to_be_visible()
    assert fits(page)
    return new


def prove(page: Page, product: Product, new: str, said: dict[str, str]) -> None:
    """Open the link of the mail in the browser that asked, and press the button."""
    page.goto(product.mail(new, PROOF, said["proof mail"]).link("/change/proof/"))
    page.get_by_role("button", name=said["prove"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said["proven"])


def type_code(page: Page, open_page, product: Product, new: str, said: dict[str, str]) -> None:
    """Open the link elsewhere, which proves nothing, and type the code of the mail instead."""
    mail, other = product.mail(new, PROOF, said["proof mail"]), open_page(width=360)
    other.goto(mail.link("/change/proof/"))
    expect(other.get_by_role("heading", level=1)).to_have_text(said["elsewhere"])
    assert fits(other)
    page.goto("/account/address")
    page.get_by_label(said["new code"]).fill(mail.code)
    page.get_by_role("button", name=said["confirm"]).click()
    expect(page.get_by_text(said["confirmed"], exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("language", "width", "scripts"), [("fr", 1280, True), ("en", 360, True), ("fr", 360, False)]
)
def test_with_the_code_of_the_mail(product, open_page, language, width, scripts):
    said, page = SAID[language], open_page(language=language, width=width, scripts=scripts)
    _handle, old = create_account(page, product, WORDS[language])
    new = ask(page, product, said)
    # The clock runs from the moment the mail server takes the mail.
    product.mail(old, CODE, said["code mail"])
    page.reload()
    expect(page.get_by_text(said["automatic"])).to_be_visible()
    assert not scripts or not findings(page)
    if language == "en":
        prove(page, product, new, said)
    else:
        type_code(page, open_page, product, new, said)

    page.goto("/account/address")
    page.get_by_role("link", name=said["received"]).click()
    assert fits(page)
    expect(page.get_by_text(new)).to_be_visible()
    page.get_by_label(said["code"]).fill(product.mail(old, CODE).code.lower())
    page.get_by_role("button", name=WORDS[language]["validate"]).click()

    expect(page.get_by_text(said["now"])).to_be_visible()
    product.mail(new, CHANGED, said["changed mail"])
    page.goto("/account")
    expect(page.get_by_text(new)).to_be_visible()


@pytest.mark.travels
@pytest.mark.xdist_group("travels")
def test_without_an_answer_after_24_hours_and_the_old_address_undoes_it(product, open_page):
    said, page = SAID["fr"], open_page()
    handle, old = create_account(page, product, WORDS["fr"])
    new = ask(page, product, said)
    prove(page, product, new, said)

    product.travel(hours=20, minutes=1)
    product.mail(old, "emailchange/mail/reminder", said["reminder mail"])
    product.travel(hours=4, minutes=1)
    changed = product.mail(old, CHANGED, said["changed mail"], seconds=70)

    visitor = open_page()
    visitor.goto(changed.link("/change/undo/"))
    assert not findings(visitor)
    visitor.get_by_label(said["undo"]).check()
    visitor.get_by_role("button", name=said["go on"]).click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text(said["undone"])
    visitor.goto("/signin")
    visitor.get_by_label("Identifiant client ou adresse e-mail").fill(old)
    visitor.locator("#id_password").fill(PASSWORD)
    visitor.get_by_role("button", name=WORDS["fr"]["sign in"], exact=True).click()
    mail = product.mail(old, "signin/mail/code", WORDS["fr"]["sign-in code mail"])
    visitor.locator("#id_code").fill(mail.code)
    visitor.get_by_role("button", name=WORDS["fr"]["validate"]).click()
    expect(visitor.locator("header .who .identifier")).to_have_text(handle)


def test_one_click_in_the_mail_refuses_it(product, open_page):
    said, page = SAID["fr"], open_page(width=360)
    _handle, old = create_account(page, product, WORDS["fr"])
    ask(page, product, said)

    visitor = open_page(width=360, scheme="dark")
    visitor.goto(product.mail(old, CODE, said["code mail"]).link("/change/veto/"))
    assert fits(visitor)
    assert not findings(visitor)
    visitor.get_by_label(said["refuse"]).check()
    visitor.get_by_role("button", name=said["go on"]).click()

    expect(visitor.get_by_role("heading", level=1)).to_have_text(said["refused"])
