"""axe finds nothing at any impact, on every page, in both languages and both schemes."""

import re

import pyotp
import pytest

from tests.journeys.axe import findings_in_both_schemes as findings
from tests.journeys.people import (
    PASSWORD,
    WORDS,
    create_account,
    fill_details,
    give_password,
    new_address,
)
from tests.journeys.test_ordering import SAID, fill_basket, newest_order, place, see

ANSWER, DISPUTE = "/contacts/answer/", "/contacts/dispute/"
REQUEST = re.compile(r"/contacts/requests/\d+$")

pytestmark = pytest.mark.browser

PUBLIC = (
    "/",
    "/signin",
    "/signup",
    "/password/lost",
    "/password/new/used",
    "/identifier/lost",
    "/signin/open",
    "/procedure",
    "/procedure/follow",
    "/desk/signin",
    "/order",
    "/order/hosting",
    "/order/product/vps-2",
    "/order/terms/general",
    "/order/basket",
    "/withdraw",
    "/withdraw/contest/used",
    "/invoices/check",
    "/style",
    "/nothing-here",
)
SIGNED_IN = (
    "/area",
    "/services",
    "/contacts",
    "/contacts/requests",
    "/orders",
    "/orders?text=none",
    "/invoices",
    "/invoices?text=none",
    "/account",
    "/account/edit",
    "/account/sessions",
    "/account/ledger",
    "/account/mails",
    "/account/password",
    "/account/address",
    "/account/recovery-addresses",
    "/account/pause",
    "/account/cases",
    "/account/security",
    "/account/security/networks",
    "/account/security/factors",
    "/account/security/factors/app",
    "/account/security/factors/key",
    "/area/identifier",
    "/signup/done",
)


@pytest.mark.parametrize("language", WORDS)
def test_axe_finds_nothing(product, open_page, language):
    page = open_page(language=language)
    found = []
    for address in PUBLIC:
        page.goto(address)
        found += findings(page)
    found += _on_the_way(page, product, language)
    for address in SIGNED_IN:
        page.goto(address)
        found += findings(page)
    page.locator("header .who summary").click()
    found += findings(page)
    found += _second_step(page, open_page(language=language), language)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_axe_finds_nothing_on_services_and_hand_overs(product, parties, language):
    diane, bakery, choir = parties(language)
    page, service = diane.page, diane.service("courrier.mercier.example")
    found = _services(page, service, diane.service("boulangerie-mercier.example"))
    found += _asked(page, service, administrator=choir.handle)
    page.goto(product.mail(diane.email, "contacts/mail/confirm").link(ANSWER))
    found += findings(page)
    page.locator("main .button.primary").click()
    found += findings(page)
    page.locator("main form .button.primary").click()
    page.wait_for_url(REQUEST)
    found += findings(page)
    theirs = product.mail(choir.email, "contacts/mail/asked").link(ANSWER)
    choir.page.goto(theirs)
    found += findings(choir.page)
    choir.page.locator("main .button.primary").click()
    choir.page.locator("main form .button.primary").click()
    choir.page.locator(".error").first.wait_for()
    found += findings(choir.page)
    choir.page.locator("#id_terms").check()
    choir.page.locator("main form .button.primary").click()
    choir.page.wait_for_url(REQUEST)
    found += findings(choir.page)
    choir.page.goto(theirs)
    found += findings(choir.page)
    for address in ("/contacts/requests", "/account/ledger"):
        page.goto(address)
        found += findings(page)
    found += _disputed(product, diane, bakery, choir)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", WORDS)
def test_axe_finds_nothing_from_the_basket_to_the_invoice(product, open_page, language):
    said, page = SAID[language], open_page(language=language)
    _handle, address = create_account(page, product, WORDS[language])
    page.goto("/order/product/web-start")
    page.locator("main form button.primary").click()
    found = findings(page)
    fill_basket(page)
    found += findings(page)
    page.goto("/order/checkout")
    page.get_by_role("button", name=said["order"]).click()
    found += findings(page)
    page.locator("details.fold summary").first.click()
    found += findings(page)
    place(page, said)
    number = newest_order(page)
    found += _paid(page, number, said)
    for mail in ("orders/mail/delivered", "invoices/mail/issued"):
        product.mail(address, mail)
    see(page, number, said["delivered"])
    found += findings(page)
    page.locator("main a[href^='/invoices/']").first.click()
    found += findings(page)
    page.goto("/services")
    page.locator("main td a").first.click()
    page.locator("main a[href$='/plan']").click()
    found += findings(page)
    page.locator("main td a.button").first.click()
    found += findings(page)
    found += _withdrawn(page, number)
    assert not found, "\n".join(found)


def _paid(page, number, said) -> list[str]:
    """Look at the pages of paying: to be transferred, declined, confirmed later, and paid."""
    page.goto(f"/orders/{number}")
    found = findings(page)
    page.locator("main a.button.primary").first.click()
    to_pay = page.url
    found += findings(page)
    page.locator("input[name=means][value=transfer]").check()
    page.locator("main form button.primary").click()
    found += findings(page)
    for choice in ("decline", "later", "pay"):
        page.goto(to_pay)
        page.locator("input[name=means][value=test]").check()
        page.locator("main form button.primary").click()
        found += findings(page)
        page.locator(f"button[name=choice][value={choice}]").click()
        page.wait_for_url(re.compile("/pay/(done/)?[0-9]+$"))
        found += findings(page)
    page.goto(to_pay)
    return found + findings(page)


def _withdrawn(page, number) -> list[str]:
    """Look at the pages of a withdrawal by whoever is signed in."""
    page.goto(f"/withdraw/order/{number}")
    found = findings(page)
    page.locator("main form button.primary").click()
    found += findings(page)
    page.locator("main form button.primary").click()
    page.wait_for_url(f"**/orders/{number}")
    return found + findings(page)


def _disputed(product, diane, bakery, choir) -> list[str]:
    """Have an owner name another administrator, and the displaced one dispute it."""
    before, service = product.mark(), diane.service("boulangerie-mercier.example")
    _asked(bakery.page, service, administrator=choir.handle)
    for party, mail in ((bakery, "contacts/mail/confirm"), (choir, "contacts/mail/asked")):
        party.page.goto(product.mail(party.email, mail, since=before).link(ANSWER))
        party.page.locator("main .button.primary").click()
        if party is choir:
            party.page.locator("#id_terms").check()
        party.page.locator("main form .button.primary").click()
        party.page.wait_for_url(REQUEST)
    page = diane.page
    page.goto(product.mail(diane.email, "contacts/mail/done", since=before).link(DISPUTE))
    found = findings(page)
    page.locator("#id_meaning_1").check()
    page.locator("main form .button.danger").click()
    page.locator("main .button.primary").wait_for()
    found += findings(page)
    _open(page, service)
    return found + findings(page)


def _services(page, service, watched) -> list[str]:
    """Look at one's services and contacts, filtered and not, and at one service."""
    found = []
    for address in ("/services", "/services?order=expiry", "/contacts", "/contacts?text=none"):
        page.goto(address)
        found += findings(page)
    _open(page, watched)
    page.locator("main a[href^='/contacts/warn/']").click()
    found += findings(page)
    page.locator("main form .button.primary").click()
    page.locator(".error").first.wait_for()
    found += findings(page)
    _open(page, service)
    return found + findings(page)


def _open(page, service) -> None:
    page.goto("/services")
    page.get_by_role("link", name=service, exact=True).click()


def _asked(page, service, **named) -> list[str]:
    """Ask for a hand-over, once wrongly, and look at the form and at one's requests."""
    page.goto(f"/contacts?text={service}")
    page.get_by_role("row").filter(
        has=page.get_by_role("link", name=service, exact=True)
    ).get_by_role("checkbox").check()
    page.locator("main form.chosen .button.primary").click()
    found = findings(page)
    for role, name in named.items():
        for typed in ("!?", name):
            page.locator(f"#id_{role}").fill(typed)
            page.locator("main form .button.primary").click()
            found += findings(page)
    for box in ("sent", "received"):
        page.goto(f"/contacts/requests?box={box}")
        found += findings(page)
    return found


def _on_the_way(page, product, language) -> list[str]:
    """Look at the pages of the creation, and at a form with errors."""
    words, found = WORDS[language], []
    page.goto("/signup")
    page.locator("#id_email").fill("nobody@")
    page.locator("#id_password").fill("short")
    page.get_by_role("button", name=words["receive"]).click()
    found += findings(page)
    address = new_address("axe")
    page.locator("#id_email").fill(address)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name=words["receive"]).click()
    page.wait_for_url("**/signup/code")
    found += findings(page)
    mail = product.mail(address, "signup/mail/code", words["code mail"])
    page.locator("#id_code").fill(mail.code)
    page.get_by_role("button", name=words["validate"]).click()
    page.wait_for_url("**/signup/details")
    found += findings(page)
    page.get_by_label(words["individual"]).check()
    page.get_by_role("button", name=words["continue"]).click()
    fill_details(page)
    found += findings(page)
    page.locator("#id_recovery_address").fill(f"spare-{address}")
    page.get_by_role("button", name=words["finish"]).click()
    page.wait_for_url("**/signup/recovery")
    return found + findings(page)


def _second_step(page, other, language) -> list[str]:
    """Look at the second step of signing in, before and after an app is set up."""
    words, found = WORDS[language], []
    handle = page.locator("header .who .identifier").inner_text()
    give_password(other, handle, words)
    other.wait_for_url("**/signin/code?*")
    found += findings(other)
    page.goto("/account/security/factors/app")
    page.locator(".how summary").click()
    found += findings(page)
    app = pyotp.TOTP(page.locator(".seed").inner_text().replace(" ", ""))
    page.locator("#id_name").fill("App")
    page.locator("#id_code").fill(app.now())
    page.locator("main .button.primary").click()
    page.locator(".codes").wait_for()
    found += findings(page)
    page.goto("/account/security/factors")
    found += findings(page)
    links = page.locator("main table a").evaluate_all("found => found.map((one) => one.href)")
    assert len(links) == 2
    for address in (*links, "/account/security/factors/codes"):
        page.goto(address)
        found += findings(page)
    give_password(other, handle, words)
    for method in ("app", "code"):
        other.goto(f"/signin/factor?method={method}")
        found += findings(other)
    other.locator("#id_code").fill("x")
    other.locator("main .button.primary").click()
    return found + findings(other)
