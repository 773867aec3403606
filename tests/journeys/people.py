"""The people of journeys: each test has its own, at addresses nobody else has."""

import os
import re
from dataclasses import dataclass
from itertools import count

from playwright.sync_api import Page

from tests.journeys.installation import Product

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


def own_word() -> str:
    """Return a word that no other journey of this run is given."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    return f"{worker}n{next(_numbers)}"


def new_address(name: str, domain: str = "example.org") -> str:
    """Return an address that no other journey of this run has."""
    return f"{name}.{own_word()}@{domain}"


@dataclass(frozen=True)
class Party:
    """One of three customers at their own browser; their services are named with a word."""

    page: Page
    email: str
    handle: str
    word: str

    def service(self, name: str) -> str:
        return f"{self.word}.{name}"


def create_account(
    page: Page,
    product: Product,
    words: dict[str, str],
    *,
    address: str = "",
    begun: bool = False,
) -> tuple[str, str]:
    """
    Go from the public home to the identifier; returns it and the address used.

    ``begun`` is for who stands on the first page of the creation already.
    """
    address = address or new_address("diane")
    if not begun:
        page.goto("/")
        page.get_by_role("main").get_by_role("link", name=words["create"]).click()
    page.locator("#id_email").fill(address)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name=words["receive"]).click()
    mail = product.mail(address, "signup/mail/code", words["code mail"])
    page.locator("#id_code").fill(mail.code)
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
