"""Second factors as people use them: an app, and keys of Chromium's virtual authenticator."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.installation import Product
from tests.journeys.keys import Keys, plug_in
from tests.journeys.people import WORDS, create_account, give_password

pytestmark = pytest.mark.browser

FACTORS = "/account/security/factors"
SAID = {
    "fr": {
        "add app": "Ajouter l’application",
        "add key": "Ajouter la clé",
        "codes": "Vos codes de secours",
        "download": "Télécharger",
        "use my key": "Utiliser ma clé",
        "use a passkey": "Utiliser une clé d’accès",
        "trust": "Faire confiance à ce navigateur pendant 30 jours",
        "another": "Code de secours",
        "remove": "Retirer",
        "left": "Essais restants",
        "copy": "copie de cette clé",
        "added": "Un second facteur a été ajouté",
    },
    "en": {
        "add app": "Add the app",
        "add key": "Add the key",
        "codes": "Your recovery codes",
        "download": "Download",
        "use my key": "Use my key",
        "use a passkey": "Use a passkey",
        "trust": "Trust this browser for 30 days",
        "another": "Recovery code",
        "remove": "Remove",
        "left": "Tries left",
        "copy": "a copy of this key",
        "added": "A second factor was added",
    },
}


def sign_out(page: Page, words: dict[str, str]) -> None:
    page.goto("/area")
    page.locator("header .who summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name=words["sign out"]).click()


@pytest.mark.parametrize(("language", "width", "scripts"), [("fr", 360, True), ("en", 1280, False)])
def test_an_app_is_set_up_and_asked_for_until_the_browser_is_trusted(
    product: Product, open_page, language, width, scripts
):
    words, said = WORDS[language], SAID[language]
    page = open_page(language=language, width=width, scripts=scripts)
    handle, address = create_account(page, product, words)

    page.goto(f"{FACTORS}/app")
    expect(page.locator(".qr-frame svg")).to_be_visible()
    page.locator("details summary").last.click()
    app = pyotp.TOTP(page.locator(".seed").inner_text().replace(" ", ""))
    page.locator("#id_name").fill("Téléphone")
    page.locator("#id_code").fill(app.now())
    page.get_by_role("button", name=said["add app"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said["codes"])
    codes = page.locator(".codes code").all_inner_texts()
    assert len(set(codes)) == 10
    with page.expect_download() as download:
        page.get_by_role("button", name=said["download"]).click()
    kept = download.value.path().read_text("utf-8")
    assert all(code in kept for code in codes)
    assert handle in kept
    assert "Téléphone" in product.mail(address, "signin/mail/factor_added", said["added"]).text

    sign_out(page, words)
    give_password(page, handle, words)
    page.locator("#id_code").fill("000 000")
    page.get_by_role("main").get_by_role("button", name=words["sign in"]).click()
    expect(page.locator(".note.error")).to_contain_text(said["left"])
    page.get_by_role("link", name=said["another"]).click()
    page.locator("#id_code").fill(codes[0].lower())
    page.get_by_label(said["trust"]).check()
    page.get_by_role("main").get_by_role("button", name=words["sign in"]).click()
    expect(page).to_have_url(f"{product.url}/area")

    sign_out(page, words)
    give_password(page, handle, words)
    expect(page).to_have_url(f"{product.url}/area")


@dataclass
class Enrolled:
    page: Page
    keys: Keys
    handle: str
    address: str
    words: dict[str, str]
    said: dict[str, str]


@pytest.fixture
def enrolled(request, product: Product, open_page) -> Enrolled:
    """Somebody with a passkey, signed out."""
    language = getattr(request, "param", "fr")
    words, said = WORDS[language], SAID[language]
    page = open_page(language=language)
    handle, address = create_account(page, product, words)
    keys = plug_in(page)
    # The virtual authenticator answers at once whatever a page asks, as no person would.
    page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    page.goto(f"{FACTORS}/key")
    page.locator("#id_name").fill("Portable")
    page.get_by_role("button", name=said["add key"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said["codes"])
    assert len(keys.credentials()) == 1
    sign_out(page, words)
    return Enrolled(page, keys, handle, address, words, said)


@pytest.mark.parametrize("enrolled", SAID, indirect=True)
def test_a_key_is_enrolled_and_confirms_the_sign_in(enrolled: Enrolled, product: Product):
    page, said = enrolled.page, enrolled.said
    give_password(page, enrolled.handle, enrolled.words)
    expect(page).to_have_url(f"{product.url}/signin/factor?next=%2Farea")
    page.get_by_role("button", name=said["use my key"]).click()

    expect(page).to_have_url(f"{product.url}/area")
    page.goto(FACTORS)
    expect(page.get_by_role("row", name=re.compile("Portable"))).to_be_visible()


def test_a_passkey_signs_in_without_a_password(enrolled: Enrolled, product: Product):
    page = enrolled.page
    page.goto("/signin")
    page.get_by_role("button", name=enrolled.said["use a passkey"]).click()

    expect(page).to_have_url(f"{product.url}/area")
    assert page.locator("header .who .identifier").inner_text() == enrolled.handle


@pytest.mark.parametrize("language", ["fr"])
def test_a_passkey_is_among_what_the_browser_fills_in(product: Product, open_page, language):
    page = open_page(language=language)
    create_account(page, product, WORDS[language])
    plug_in(page)
    page.goto(f"{FACTORS}/key")
    page.locator("#id_name").fill("Portable")
    page.get_by_role("button", name=SAID[language]["add key"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAID[language]["codes"])
    sign_out(page, WORDS[language])

    # The sign-in page offers it without a press, and the virtual authenticator takes the offer.
    expect(page).to_have_url(f"{product.url}/area")


def test_without_a_password_the_owner_must_be_verified(enrolled: Enrolled, product: Product):
    page = enrolled.page
    page.goto("/signin")
    enrolled.keys.verify(False)
    page.get_by_role("button", name=enrolled.said["use a passkey"]).click()
    expect(page.locator("[data-key-failed]")).to_be_visible()
    expect(page).to_have_url(f"{product.url}/signin")


def test_a_copy_of_a_key_is_refused_and_told(enrolled: Enrolled, product: Product):
    page, keys = enrolled.page, enrolled.keys
    page.goto("/signin")
    page.get_by_role("button", name=enrolled.said["use a passkey"]).click()
    expect(page).to_have_url(f"{product.url}/area")
    sign_out(page, enrolled.words)

    keys.set_back()
    page.goto("/signin")
    page.get_by_role("button", name=enrolled.said["use a passkey"]).click()

    expect(page.locator(".messages .banner").first).to_contain_text(enrolled.said["copy"])
    page.goto("/area")
    expect(page).to_have_url(f"{product.url}/signin?next=%2Farea")


def test_a_removed_key_opens_nothing_any_more(enrolled: Enrolled, product: Product):
    page, said = enrolled.page, enrolled.said
    page.goto("/signin")
    page.get_by_role("button", name=said["use a passkey"]).click()
    expect(page).to_have_url(f"{product.url}/area")
    # A second key of another kind takes the first away.
    page.goto(f"{FACTORS}/app")
    page.locator("details summary").last.click()
    app = pyotp.TOTP(page.locator(".seed").inner_text().replace(" ", ""))
    page.locator("#id_name").fill("App")
    page.locator("#id_code").fill(app.now())
    page.get_by_role("button", name=said["add app"]).click()
    page.get_by_role("row", name=re.compile("Portable")).get_by_role(
        "link", name=said["remove"]
    ).click()
    # The code that set it up is used; the next one is taken already.
    page.locator("#id_code").fill(app.at(datetime.now(UTC) + timedelta(seconds=30)))
    page.get_by_role("button", name=said["remove"]).click()
    expect(page).to_have_url(f"{product.url}{FACTORS}")
    sign_out(page, enrolled.words)

    page.goto("/signin")
    page.get_by_role("button", name=said["use a passkey"]).click()
    expect(page.locator(".messages .banner").first).to_be_visible()
    give_password(page, enrolled.handle, enrolled.words)
    expect(page).to_have_url(f"{product.url}/signin/factor?next=%2Farea")
