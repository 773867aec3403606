"""The main job, as a person does it: from the creation page to the customer area."""

import pytest
from playwright.sync_api import expect

from tests.journeys.people import PASSWORD, WORDS, create_account, fits, give_password

pytestmark = pytest.mark.browser


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

    mail = product.mail(address, "signup/mail/welcome")
    assert mail.subject == f"[{handle}] {words['welcome']}"
    assert handle in mail.text
    assert PASSWORD not in mail.message.as_string()
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
    mail = product.mail(address, "signin/mail/code", words["sign-in code mail"])
    page.locator("#id_code").fill(mail.code)
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


@pytest.mark.parametrize(("language", "scripts"), [("fr", True), ("en", False)])
def test_a_lost_password_is_set_anew_through_the_mail(product, open_page, language, scripts):
    words, (lost, receive, subject) = WORDS[language], LOST[language]
    handle, address = create_account(open_page(language=language), product, words)
    page = open_page(language=language, width=360, scripts=scripts)

    page.goto("/signin")
    page.get_by_role("link", name=lost).click()
    page.locator("#id_typed").fill(handle.lower())
    page.get_by_role("button", name=receive).click()
    mail = product.mail(address, "recovery/mail/reset_link", subject)
    page.goto(mail.link("/password/new/"))
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


@pytest.mark.parametrize("language", WORDS)
def test_no_page_is_wider_than_the_screen(product, open_page, language):
    """Of a small phone and another, a tablet upright and on its side, and a computer."""
    page = open_page(language=language)

    too_wide = []

    def look(*addresses: str) -> None:
        for address in addresses:
            page.goto(address)
            for width in (320, 360, 820, 1024, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                if not fits(page):
                    too_wide.append((address, width))

    look("/", "/signin", "/signup", "/style", "/nothing-here")
    create_account(page, product, WORDS[language])
    look(
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
    )
    assert not too_wide
