"""Sign-ins beside each other, and beside what changes meanwhile."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.factors.models import Totp
from nichandle.identity.factors.operations import end_trust
from nichandle.identity.signin.authentication import operations
from nichandle.identity.signin.authentication.challenges import Halfway
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.recognition import browsers
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.identity.signin.tests.attempts import attempt
from nichandle.platform.audit import queries as ledger
from tests.support.people import PASSWORD, app_code, set_up_app

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_that_races_a_change_of_password_opens_nothing(
    customer, origin, monkeypatch, way
):
    """The password is changed between the hash and the session."""
    original = operations.passwords.verify

    def changed_meanwhile(password: str, encoded: str) -> bool:
        right = original(password, encoded)

        def change() -> None:
            Account.objects.filter(pk=customer.account.pk).update(password="another")
            connection.close()

        other = threading.Thread(target=change)
        other.start()
        other.join()
        return right

    monkeypatch.setattr(operations.passwords, "verify", changed_meanwhile)
    with pytest.raises(operations.SigninFailed):
        operations.sign_in(
            identifier=customer.handle,
            password=PASSWORD,
            stay=False,
            visit=Visit(origin, timezone.now()),
        )
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_factor_set_up_while_the_password_is_checked_is_asked_for(
    customer, origin, monkeypatch, way
):
    original = operations.passwords.verify

    def set_up_meanwhile(password: str, encoded: str) -> bool:
        Totp.objects.create(
            account=customer.account,
            name="Telephone",
            seed="sealed",
            seed_digest="digest",
            last_step=0,
            created_at=timezone.now(),
        )
        return original(password, encoded)

    monkeypatch.setattr(operations.passwords, "verify", set_up_meanwhile)
    visit = Visit(origin, timezone.now())
    entered = operations.sign_in(
        identifier=customer.handle, password=PASSWORD, stay=False, visit=visit
    )
    assert isinstance(entered, Halfway)
    assert entered.step == "factor"
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_sign_ins_of_one_account_at_once_all_open_and_stand_in_one_chain(customer, way):
    first = customer.sign_in()
    secret = first.cookies["browser"].value
    gate, answers = threading.Barrier(8), []

    def run() -> None:
        browser = Client(HTTP_HOST="localhost")
        browser.cookies["browser"] = secret
        try:
            gate.wait()
            answers.append(attempt(browser, customer.handle, PASSWORD).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [302] * 8
    assert Session.objects.filter(account=customer.account).count() == 9
    entries = ledger.entries_of(customer.account.pk).rows
    assert sum(entry.act == "signin.succeeded" for entry in entries) == 9
    assert ledger.prove(customer.account.pk)[1]


@pytest.mark.parametrize("case", ["known", "trusted"])
def test_a_browser_forgotten_while_the_password_is_checked_makes_the_second_step(
    customer, monkeypatch, case, way
):
    if case == "trusted":
        seed = set_up_app(customer, days_ago=30)[0]
        attempt(customer.browser, customer.handle)
        sent = {"method": "app", "code": app_code(seed), "trust": "on"}
        assert customer.browser.post("/signin/factor", sent).headers["Location"] == "/area"
    browser = customer.browser if case == "trusted" else customer.sign_in()
    browser.post("/signout")
    original = operations.passwords.verify

    def forgotten_meanwhile(password: str, encoded: str) -> bool:
        browsers.forget(customer.account.pk)
        end_trust(customer.account.pk)
        return original(password, encoded)

    monkeypatch.setattr(operations.passwords, "verify", forgotten_meanwhile)
    step = "factor" if case == "trusted" else "code"
    assert attempt(browser, customer.handle).headers["Location"].startswith(f"/signin/{step}?")
    assert not Session.objects.exists()
