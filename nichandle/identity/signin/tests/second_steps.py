"""Half a sign-in, and what is given for its second step."""

from django.test import Client

from nichandle.platform.audit import queries as ledger
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD

FACTOR = "/signin/factor?next=%2Farea"


def a_browser(**more: str) -> Client:
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en", **more)


def half_way(person, browser: Client) -> Client:
    """Give the right password in a browser of a person who has a factor."""
    answer = browser.post("/signin", {"identifier": person.handle, "password": PASSWORD})
    assert answer.headers["Location"] == FACTOR
    assert "session" not in browser.cookies or not browser.cookies["session"].value
    return browser


def give(browser: Client, code: str, method: str = "app", **more: str):
    return browser.post("/signin/factor", {"method": method, "code": code, **more})


def acts(person) -> list[str]:
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


def told(template: str) -> list[str]:
    rows = Mail.objects.filter(template=f"signin/mail/{template}").order_by("pk")
    return [mail.recipient for mail in rows]
