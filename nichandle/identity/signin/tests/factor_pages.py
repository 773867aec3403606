"""The pages of factors as a customer uses them."""

import re

from django.test import Client

from nichandle.identity.factors.models import Totp
from tests.support.people import PASSWORD, app_code

FACTORS = "/account/security/factors"
NEW = "carafe violette sur le quai"


def setup_of(browser: Client) -> tuple[str, str]:
    page = browser.get(f"{FACTORS}/app").content.decode()
    seed = re.search(r'class="seed">([A-Z2-7 ]+)<', page)
    sealed = re.search(r'name="setup" value="([^"]+)"', page)
    return seed[1].replace(" ", ""), sealed[1]


def add(browser: Client, name: str = "Tablet", **more: str):
    seed, sealed = setup_of(browser)
    given = {"name": name, "setup": sealed, "code": app_code(seed), **more}
    return browser.post(f"{FACTORS}/app", given), seed


def enter(person, seed: str, browser: Client | None = None) -> Client:
    """Sign in with the password and the code of an app."""
    browser = browser or person.browser
    answer = browser.post("/signin", {"identifier": person.handle, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/signin/factor")
    answer = browser.post("/signin/factor", {"method": "app", "code": app_code(seed)})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def remove(browser: Client, factor: Totp, method: str, code: str, **more: str):
    address = f"{FACTORS}/app/{factor.pk}/remove"
    return browser.post(address, {"method": method, "code": code, **more})
