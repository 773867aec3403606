"""Keys as a browser hands their answers over."""

import html
import re

from django.test import Client

from nichandle.identity.factors.tests.authenticator import Authenticator
from tests.support.people import PASSWORD

NEW_KEY = "/account/security/factors/key"


def a_browser(**more: str) -> Client:
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en", **more)


def asked(page) -> tuple[str, str]:
    """Return what a page asks of a key: the options for the browser, and our sealed state."""
    content = page.content.decode()
    options = re.search(r'data-key-options="([^"]+)"', content)
    state = re.search(r'name="state" value="([^"]+)"', content)
    return html.unescape(options[1]), state[1]


def enrol(person, key: Authenticator, name: str = "Grey key", **more):
    if not signed_in(person.browser):
        person.sign_in()
    options, state = asked(person.browser.get(NEW_KEY))
    given = {"name": name, "state": state, "response": key.register(options, **more)}
    return person.browser.post(NEW_KEY, given)


def half_way(person, browser: Client) -> tuple[str, str]:
    answer = browser.post("/signin", {"identifier": person.handle, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/signin/factor")
    return asked(browser.get("/signin/factor?method=key"))


def give(browser: Client, response: str, state: str):
    return browser.post("/signin/factor", {"method": "key", "response": response, "state": state})


def enter(browser: Client, key: Authenticator, **more):
    options, state = asked(browser.get("/signin"))
    return browser.post("/signin/passkey", {"response": key.prove(options, **more), "state": state})


def signed_in(browser: Client) -> bool:
    return browser.get("/area").status_code == 200
