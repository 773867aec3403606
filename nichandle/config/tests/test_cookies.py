"""Every cookie the product sets, in a browser that comes by https: for this host, and no script."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client

from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.platform.ui.pages import Messages
from nichandle.sites.desk.tests.people import Colleague, give, invite
from tests.support.people import make_person
from tests.support.post import waiting_code

pytestmark = pytest.mark.django_db
SITE = "clients.example.net"
NAMES = (
    "BASE_URL",
    "ALLOWED_HOSTS",
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_HTTPONLY",
    "CSRF_COOKIE_SAMESITE",
    "CSRF_TRUSTED_ORIGINS",
    "LANGUAGE_COOKIE_NAME",
    "LANGUAGE_COOKIE_SECURE",
    "MESSAGE_STORAGE",
    "MESSAGES_COOKIE_NAME",
)
READ = f"""
import django, json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES!r}}}))
"""
ALL = {
    "session": "Lax",
    "csrf": "Lax",
    "browser": "Lax",
    "step": "Lax",
    "creation": "Lax",
    "onward": "Lax",
    "basket": "Lax",
    "language": "Lax",
    "messages": "Lax",
    "review": "Strict",
    "review-browser": "Strict",
    "review-half": "Strict",
}
"""Each cookie, and from where it is sent along: links of mails lead into customers' pages."""
NEWCOMER = {
    "country": "FR",
    "language": "en",
    "email": "newcomer@example.org",
    "password": "violet kettle on the roof",
}


@pytest.fixture(scope="module")
def production(tmp_path_factory) -> dict[str, object]:
    """What the settings of production say of cookies, read off themselves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NICHANDLE_")}
    world = {
        "DJANGO_SETTINGS_MODULE": "nichandle.config.settings",
        "NICHANDLE_MODE": "production",
        "NICHANDLE_BASE_URL": f"https://{SITE}",
        "NICHANDLE_MAIL_URL": "smtps://mail.example.net",
        "NICHANDLE_MAIL_FROM": "no-reply@example.net",
        "NICHANDLE_BRAND": "Example",
        "NICHANDLE_SUFFIX": "EX",
        "NICHANDLE_SECRET_KEY": "kX9-2mQ7_vL4pR8sT1wZ6yB3nC5dF0gH",
        "NICHANDLE_DATA": str(tmp_path_factory.mktemp("data")),
    }
    done = subprocess.run(
        [sys.executable, "-c", READ],
        env={**kept, **world},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.fixture
def jar(production, settings, monkeypatch):
    """Browsers that come by https, and every cookie that one of them was ever given."""
    for name, value in production.items():
        setattr(settings, name, value)
    # Read once, when the product starts.
    monkeypatch.setattr(Messages, "cookie_name", production["MESSAGES_COOKIE_NAME"])
    return Jar()


class Jar:
    def __init__(self) -> None:
        self.given: dict[str, list[object]] = {}

    def browser(self) -> Client:
        jar = self

        class Watched(Client):
            def request(self, **asked):
                answer = super().request(**asked)
                for name, cookie in answer.cookies.items():
                    jar.given.setdefault(name, []).append(cookie)
                return answer

        sealed = {"wsgi.url_scheme": "https", "SERVER_PORT": "443"}
        return Watched(HTTP_HOST=SITE, HTTP_ACCEPT_LANGUAGE="en", **sealed)


def customers(jar: Jar) -> None:
    """Walk through what customers' pages set: creation, language, sign-ins, notes, leaving."""
    here = jar.browser()
    here.get("/signin")
    here.post("/language", {"language": "fr"})
    here.post("/order/basket/remove", {"line": "none"})
    here.post("/signup", NEWCOMER)
    diane = make_person("diane@example.org")
    diane.sign_in(jar.browser())
    other = jar.browser()
    asked_for = other.post("/signin", {"identifier": diane.handle, "password": diane.password})
    code = waiting_code("signin/mail/code", diane.email)
    other.post(asked_for.headers["Location"], {"code": code})
    other.post("/account/sessions/end-others")
    other.post("/signout")


def reviewers(jar: Jar) -> None:
    """Walk through what reviewers' pages set."""
    key = Authenticator(site=SITE, origin=f"https://{SITE}")
    claire = Colleague("Claire", key, jar.browser())
    claire.set_up(invite("Claire"))
    here = jar.browser()
    options, state = claire.half_way(here)
    give(here, claire.key.prove(options), state)
    here.post("/desk/signout")


def test_every_cookie_is_for_this_host_sealed_and_out_of_reach_of_scripts(jar):
    customers(jar)
    reviewers(jar)

    assert {name.removeprefix("__Host-") for name in jar.given} == ALL.keys()
    for name, cookies in jar.given.items():
        assert name.startswith("__Host-"), name
        for cookie in cookies:
            assert cookie["secure"], name
            assert cookie["path"] == "/", name
            assert not cookie["domain"], name
            assert cookie["samesite"] == ALL[name.removeprefix("__Host-")], name
            assert cookie["httponly"] or cookie["max-age"] == 0, name
            assert len(f"{name}{cookie.value}") < 4096, name
