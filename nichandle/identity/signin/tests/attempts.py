"""A sign-in as a browser attempts it."""

from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.people import PASSWORD


def attempt(browser: Client, identifier: str, password: str = PASSWORD, **more: str):
    return browser.post("/signin", {"identifier": identifier, "password": password, **more})


def without_transactions(seen: CaptureQueriesContext) -> list[str]:
    transactions = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    statements = [one["sql"] for one in seen.captured_queries]
    return [one for one in statements if not one.startswith(transactions)]
