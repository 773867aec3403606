"""Reviewers at their browsers, each with a security key made of software."""

import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.platform.kernel.errors import Refused
from tests.support import races

OWN = "carafe violette sur le quai"


def browser(**more: str) -> Client:
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en", **more)


def invite(name: str, role: str = "reviewer") -> str:
    """Have the operator invite somebody; returns the path of the link."""
    out = io.StringIO()
    email = f"{name.lower()}@provider.example"
    call_command("staff", "create", name, email=email, role=role, stdout=out)
    found = re.search(r"/desk/setup/\S+", out.getvalue())
    assert found
    return found[0]


def dismiss(name: str) -> None:
    call_command("staff", "dismiss", email=f"{name.lower()}@provider.example", stdout=io.StringIO())


def asked(page: HttpResponse) -> tuple[str, str]:
    """Return what a page asks of a key: the options for the browser, and our sealed state."""
    content = page.content.decode()
    options = re.search(r'data-key-options="([^"]+)"', content)
    state = re.search(r'name="state" value="([^"]+)"', content)
    assert options, content
    assert state
    return html.unescape(options[1]), state[1]


@dataclass
class Colleague:
    """Somebody who looks into cases."""

    name: str
    key: Authenticator = field(default_factory=Authenticator)
    browser: Client = field(default_factory=browser)

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@provider.example"

    def set_up(self, link: str, *, password: str = OWN, **more: Any) -> HttpResponse:
        """Open the operator's link and give a password and the key."""
        options, state = asked(self.browser.get(link))
        given = {"password": password, "name": "Grey key", "state": state}
        return self.browser.post(link, {**given, "response": self.key.register(options), **more})

    def give_password(self, here: Client | None = None, password: str = OWN) -> HttpResponse:
        here = here or self.browser
        return here.post("/desk/signin", {"email": self.email, "password": password})

    def half_way(self, here: Client | None = None) -> tuple[str, str]:
        """Give the password; return what the key is asked then."""
        here = here or self.browser
        assert self.give_password(here).headers["Location"] == "/desk/signin/key"
        return asked(here.get("/desk/signin/key"))

    def sign_in(self, here: Client | None = None) -> Client:
        here = here or self.browser
        options, state = self.half_way(here)
        assert give(here, self.key.prove(options), state).headers["Location"] == "/desk"
        return here


def give(here: Client, response: str, state: str) -> HttpResponse:
    return here.post("/desk/signin/key", {"response": response, "state": state})


def inside(here: Client) -> bool:
    return here.get("/desk/cases").status_code == 200


def colleague(name: str, role: str = "reviewer") -> Colleague:
    """Have somebody invited and set up: they are signed in."""
    made = Colleague(name)
    assert made.set_up(invite(name, role)).headers["Location"] == "/desk"
    return made


def enter(name: str) -> Client:
    """Return the browser of a reviewer who is signed in."""
    return colleague(name).browser


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do several things at the same moment; return "done", or the code of each refusal."""
    outcomes = races.at_once(*acts)
    return sorted(one.code if isinstance(one, Refused) else "done" for one in outcomes)
