"""From the shop to the delivered order, as a newcomer does it; and the way out again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import WORDS, create_account, fits, own_word

pytestmark = pytest.mark.browser
NUMBER = re.compile(r"C[0-9]{8}")
SAID = {
    "fr": {
        "order": "Commander avec obligation de paiement",
        "go on": "Passer la commande",
        "no account": "Pas encore de compte ? Créez-en un".replace(" ?", "\u00a0?"),
        "resume": "Reprendre où j’en étais",
        "confirmation": "Confirmation de commande",
        "delivered": "Livrée",
        "withdraw": "Renoncer au contrat ici",
        "confirm": "Confirmer la rétractation",
        "to be paid": "À payer",
        "acknowledged": "Votre rétractation de la commande",
        "test": "Paiement de test",
        "total": "3,59",
    },
    "en": {
        "order": "Order, with the obligation to pay",
        "go on": "Go on to the order",
        "no account": "No account yet? Create one",
        "resume": "Go on where I was",
        "confirmation": "Confirmation of order",
        "delivered": "Delivered",
        "withdraw": "Withdraw from the contract here",
        "confirm": "Confirm the withdrawal",
        "to be paid": "To be paid",
        "acknowledged": "Your withdrawal from order",
        "test": "Test payment",
        "total": "3.59",
    },
}
WAYS = [
    ("fr", 1280, True),
    ("fr", 360, False),
    ("en", 360, True),
    ("en", 1280, False),
]


def fill_basket(page: Page) -> str:
    """Choose web hosting in the shop; return the name it is for."""
    name = f"{own_word()}.example"
    page.goto("/order")
    page.locator("a[href='/order/hosting']").click()
    page.locator("a[href='/order/product/web-start']").first.click()
    page.locator("main form button.primary").click()
    expect(page.locator(".note.error").first).to_be_visible()
    page.locator("input[name^='answer-']").fill(name.upper())
    page.locator("main form button.primary").click()
    expect(page).to_have_url(re.compile("/order/basket$"))
    expect(page.get_by_role("row").filter(has_text=name)).to_be_visible()
    return name


def place(page: Page, said: dict[str, str]) -> None:
    """Accept, and order."""
    expect(page).to_have_url(re.compile("/order/checkout$"))
    page.locator("#id_terms").check()
    page.locator("#id_at_once").check()
    page.get_by_role("button", name=said["order"]).click()
    expect(page).to_have_url(re.compile("/pay/"))


def pay(page: Page, said: dict[str, str]) -> None:
    """Choose the test provider, and pay there."""
    page.get_by_label(re.compile(said["test"])).check()
    page.locator("main form button.primary").click()
    expect(page).to_have_url(re.compile("/pay/test/"))
    page.locator("button[name='choice'][value='pay']").click()
    expect(page).to_have_url(re.compile("/pay/done/"))


def newest_order(page: Page) -> str:
    page.goto("/orders")
    number = page.locator("a.number").first.inner_text()
    assert NUMBER.fullmatch(number)
    return number


def see(page: Page, number: str, state: str) -> None:
    """Look at an order of which a mail has told already."""
    page.goto(f"/orders/{number}")
    expect(page.locator("main .badge").first).to_have_text(state)


@pytest.mark.parametrize(("language", "width", "scripts"), WAYS)
def test_a_newcomer_orders_creates_an_account_on_the_way_and_is_delivered(
    product, open_page, language, width, scripts
):
    words, said = WORDS[language], SAID[language]
    page = open_page(language=language, width=width, scripts=scripts)
    name = fill_basket(page)
    assert fits(page)
    page.get_by_role("link", name=said["go on"]).click()
    page.get_by_role("link", name=said["no account"]).click()
    handle, address = create_account(page, product, words, begun=True)
    page.get_by_role("link", name=said["resume"]).click()
    assert fits(page)
    expect(page.get_by_role("main")).to_contain_text(said["total"])
    place(page, said)
    assert fits(page)
    number = newest_order(page)
    confirmation = product.mail(address, "orders/mail/placed")
    assert confirmation.subject == f"[{handle}] {said['confirmation']} {number}"
    assert handle in confirmation.text
    assert name in confirmation.text
    assert said["total"] in confirmation.text

    page.goto(f"/orders/{number}")
    page.locator("main a.button.primary").first.click()
    pay(page, said)
    delivered = product.mail(address, "orders/mail/delivered")
    assert name in delivered.text
    see(page, number, said["delivered"])
    assert fits(page)
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize(("language", "scripts"), [("fr", False), ("en", True)])
def test_a_consumer_withdraws_without_signing_in(product, open_page, language, scripts):
    words, said = WORDS[language], SAID[language]
    page = open_page(language=language, scripts=scripts)
    handle, address = create_account(page, product, words)
    fill_basket(page)
    page.get_by_role("link", name=said["go on"]).click()
    place(page, said)
    pay(page, said)
    number = newest_order(page)
    product.mail(address, "orders/mail/delivered")

    stranger = open_page(language=language, width=360, scripts=scripts)
    stranger.goto("/")
    stranger.get_by_role("link", name=said["withdraw"]).click()
    assert fits(stranger)
    stranger.locator("#id_number").fill(number.lower())
    stranger.locator("#id_address").fill(address)
    stranger.locator("#id_name").fill("Diane Mercier")
    stranger.get_by_role("button", name=said["withdraw"]).click()
    expect(stranger.get_by_role("definition").filter(has_text=address)).to_be_visible()
    stranger.get_by_role("button", name=said["confirm"]).click()
    expect(stranger.get_by_role("definition").filter(has_text=number.lower())).to_be_visible()

    letter = product.mail(address, "orders/mail/withdrawn")
    assert letter.subject == f"[{handle}] {said['acknowledged']} {number}"
    # It was somebody else: nothing ends.
    page.goto(letter.link("/withdraw/contest/"))
    page.locator("input[value='contest']").check()
    page.locator("main form button.primary").click()
    product.mail(address, "orders/mail/contested")
    see(page, number, said["delivered"])

    # And now its owner, signed in.
    page.get_by_role("link", name=said["withdraw"]).first.click()
    page.get_by_role("button", name=said["withdraw"]).click()
    page.get_by_role("button", name=said["confirm"]).click()
    expect(page).to_have_url(re.compile(f"/orders/{number}$"))
    product.mail(address, "orders/mail/cancelled")
