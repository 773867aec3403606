"""The main job, as a person does it: from the creation page to the customer area."""

import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Product, text_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "lavande tram hiver carafe"
HANDLE = re.compile(r"[a-z]{2}[0-9]{6}-OVH")
_numbers = count(1)

WORDS = {
    "fr": {
        "create": "Créer un compte",
        "receive": "Recevoir mon code",
        "code mail": "Votre code de validation",
        "sign-in code mail": "Votre code de connexion",
        "validate": "Valider",
        "continue": "Continuer",
        "finish": "Créer mon compte",
        "welcome": "Bienvenue : votre identifiant client".replace(" :", "\u00a0:"),
        "open": "Ouvrir mon espace client",
        "hello": "Bonjour Diane",
        "account": "Mon compte",
        "modify": "Modifier",
        "sign out": "Se déconnecter",
        "sign in": "Se connecter",
        "individual": "Particulier",
    },
    "en": {
        "create": "Create an account",
        "receive": "Receive my code",
        "code mail": "Your validation code",
        "sign-in code mail": "Your code to sign in",
        "validate": "Validate",
        "continue": "Continue",
        "finish": "Create my account",
        "welcome": "Welcome: your client identifier",
        "open": "Open my customer area",
        "hello": "Hello Diane",
        "account": "My account",
        "modify": "Modify",
        "sign out": "Sign out",
        "sign in": "Sign in",
        "individual": "Individual",
    },
}


def create_account(
    page: Page, product: Product, words: dict[str, str], *, address: str = ""
) -> tuple[str, str]:
    """Go from the public home to the identifier; returns it and the address used."""
    address = address or f"diane{next(_numbers)}@example.org"
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=words["create"]).click()
    page.locator("#id_email").fill(address)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name=words["receive"]).click()
    page.locator("#id_code").fill(product.mailbox.code(address, words["code mail"]))
    page.get_by_role("button", name=words["validate"]).click()
    page.get_by_label(words["individual"]).check()
    page.get_by_role("button", name=words["continue"]).click()
    fill_details(page)
    page.get_by_role("button", name=words["finish"]).click()
    shown = page.locator("main .identifier").inner_text()
    assert HANDLE.fullmatch(shown), shown
    return shown, address


def fill_details(page: Page) -> None:
    for name, text in (
        ("given_name", "Diane"),
        ("family_name", "Mercier"),
        ("address", "12 rue des Lilas"),
        ("postcode", "59800"),
        ("city", "Lille"),
        ("phone", "06 12 34 56 78"),
    ):
        page.locator(f"#id_{name}").fill(text)


def give_password(page: Page, identifier: str, words: dict[str, str]) -> None:
    page.goto("/signin")
    page.locator("#id_identifier").fill(identifier)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name=words["sign in"], exact=True).click()


def fits(page: Page) -> bool:
    """Tell whether the page is no wider than the screen, once it is there."""
    page.wait_for_load_state()
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


@pytest.mark.parametrize(
    ("language", "width", "scripts"),
    [
        ("fr", 1280, True),
        ("fr", 360, True),
        ("en", 360, True),
        ("en", 1280, False),
        ("fr", 360, False),
    ],
)
def test_a_newcomer_reaches_the_customer_area(product, open_page, language, width, scripts):
    words = WORDS[language]
    page = open_page(language=language, width=width, scripts=scripts)

    handle, address = create_account(page, product, words)

    mail = product.mailbox.wait_for(address, words["welcome"])
    assert str(mail["Subject"]) == f"[{handle}] {words['welcome']}"
    assert handle in text_of(mail)
    assert PASSWORD not in mail.as_string()
    page.get_by_role("link", name=words["open"]).click()
    expect(page).to_have_url(f"{product.url}/area")
    expect(page.get_by_role("heading", level=1)).to_have_text(words["hello"])
    top_right = page.locator("header .who .identifier")
    assert top_right.inner_text() == handle
    box = top_right.bounding_box()
    assert box is not None
    assert box["y"] < 100
    assert box["x"] + box["width"] > width * 0.6


@pytest.mark.parametrize("language", WORDS)
def test_signing_in_with_the_identifier_in_capitals_and_without_the_dash(
    product, open_page, language
):
    words = WORDS[language]
    handle, address = create_account(open_page(language=language), product, words)
    page = open_page(language=language)

    give_password(page, handle.upper().replace("-", ""), words)
    # This browser is new to the account.
    expect(page).to_have_url(f"{product.url}/signin/code?next=%2Farea")
    page.locator("#id_code").fill(product.mailbox.code(address, words["sign-in code mail"]))
    page.get_by_role("button", name=words["validate"]).click()

    expect(page).to_have_url(f"{product.url}/area")
    assert page.locator("header .who .identifier").inner_text() == handle


@pytest.mark.parametrize(("language", "scripts"), [("fr", True), ("en", False)])
def test_click_the_identifier_then_my_account_modify_and_validate(
    product, open_page, language, scripts
):
    words = WORDS[language]
    page = open_page(language=language, width=360, scripts=scripts)
    create_account(page, product, words)

    page.locator("header .who summary").click()
    first = page.locator("header .who .sheet a, header .who .sheet button").first
    expect(first).to_have_text(words["account"])
    first.click()
    page.get_by_role("link", name=words["modify"]).click()
    page.locator("#id_city").fill("Roubaix")
    page.locator("#id_postcode").fill("5910")
    page.get_by_role("button", name=words["validate"]).click()
    expect(page.locator(".note.error")).to_be_visible()
    assert page.locator("#id_city").input_value() == "Roubaix"
    page.locator("#id_postcode").fill("59100")
    page.get_by_role("button", name=words["validate"]).click()

    expect(page).to_have_url(f"{product.url}/account")
    expect(page.get_by_role("definition").filter(has_text="Roubaix")).to_be_visible()


LOST = {
    "fr": (
        "Identifiant ou mot de passe perdu",
        "Recevoir le lien",
        "Choisir un nouveau mot de passe",
    ),
    "en": ("Identifier or password lost", "Receive the link", "Set a new password"),
}
LINK = re.compile(r"http://localhost:\d+/password/new/\S+")


@pytest.mark.parametrize(("language", "scripts"), [("fr", True), ("en", False)])
def test_a_lost_password_is_set_anew_through_the_mail(product, open_page, language, scripts):
    words, (lost, receive, subject) = WORDS[language], LOST[language]
    handle, address = create_account(open_page(language=language), product, words)
    page = open_page(language=language, width=360, scripts=scripts)

    page.goto("/signin")
    page.get_by_role("link", name=lost).click()
    page.locator("#id_typed").fill(handle.lower())
    page.get_by_role("button", name=receive).click()
    link = LINK.search(text_of(product.mailbox.wait_for(address, subject)))
    assert link
    page.goto(link[0])
    page.locator("#id_password").fill("un nouveau mot bien long")
    page.get_by_role("button", name=words["validate"]).click()
    page.locator("#id_identifier").fill(handle)
    page.locator("#id_password").fill("un nouveau mot bien long")
    page.get_by_role("main").get_by_role("button", name=words["sign in"]).click()

    expect(page).to_have_url(f"{product.url}/area")


def test_signing_out_ends_the_session_in_every_tab(product, open_page):
    page = open_page(language="fr")
    create_account(page, product, WORDS["fr"])
    other = page.context.new_page()
    other.goto("/area")

    page.locator("header .who summary").click()
    page.get_by_role("button", name=WORDS["fr"]["sign out"]).click()
    other.goto("/area")

    expect(other).to_have_url(f"{product.url}/signin?next=%2Farea")


def test_the_language_switch_stays_on_the_page_and_is_remembered(product, open_page):
    page = open_page(language="fr")
    page.goto("/signup")
    page.locator(".language summary").click()
    page.get_by_role("button", name="English").click()

    expect(page).to_have_url(f"{product.url}/signup")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create an account")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_copy_button_copies_the_identifier_as_it_is_written(product, open_page):
    page = open_page(language="fr")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    handle, _address = create_account(page, product, WORDS["fr"])

    page.locator("[data-copy]").click()

    assert page.evaluate("navigator.clipboard.readText()") == handle


def test_the_strength_of_a_password_is_told_while_typing(product, open_page):
    page = open_page(language="en")
    page.goto("/signup")

    page.locator("#id_password").type("short")
    expect(page.locator("[data-words]")).to_contain_text("at least 15 characters")
    page.locator("#id_password").fill(PASSWORD)
    expect(page.locator("[data-words]")).to_have_text("Strong")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", WORDS)
def test_no_page_is_wider_than_the_screen(product, open_page, language, width):
    page = open_page(language=language, width=width)
    for address in ("/", "/signin", "/signup", "/style", "/nothing-here"):
        page.goto(address)
        assert fits(page), address
    create_account(page, product, WORDS[language])
    for address in (
        "/area",
        "/services",
        "/contacts",
        "/contacts/requests",
        "/account",
        "/account/edit",
        "/account/sessions",
        "/account/ledger",
        "/account/mails",
        "/account/security/factors",
        "/account/security/factors/app",
        "/account/security/factors/key",
        "/area/identifier",
        "/signup/done",
    ):
        page.goto(address)
        assert fits(page), address
