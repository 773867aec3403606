"""A hundred wrong guesses in a row and no more, however slowly they come."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from nichandle.identity.accounts.passwords import hash_password
from nichandle.identity.factors.answers import Answer
from nichandle.identity.signin.authentication import guesses
from nichandle.identity.signin.authentication.guesses import AppClosed, PasswordGuessed
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.credentials.password import change_password, replace_password
from nichandle.identity.signin.reauthentication import again
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE
from nichandle.platform.limits.models import Allowance
from nichandle.platform.limits.operations import spend
from tests.support.people import PASSWORD, app_code, set_up_app

pytestmark = pytest.mark.django_db
WRONG = "000000"


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as travelling:
        yield travelling


@pytest.fixture
def app(customer, clock) -> tuple[str, list[str]]:
    return set_up_app(customer, days_ago=30)


def guessed(name: str, key: str, times: int) -> None:
    for _ in range(times):
        spend(name, key=key, now=timezone.now())


def half_way(person, browser):
    browser.post("/signin", {"identifier": person.handle, "password": PASSWORD})
    return browser


def give(browser, code: str, method: str = "app"):
    return browser.post("/signin/factor", {"method": method, "code": code})


def test_ten_an_hour_for_ten_hours_close_the_app_to_strangers_and_nothing_else(
    customer, app, visitor, clock
):
    seed, codes = app
    for _ in range(10):
        for _ in range(2):
            half_way(customer, visitor)
            for _ in range(5):
                give(visitor, WRONG)
        clock.shift(timedelta(minutes=61))

    refused = give(half_way(customer, visitor), app_code(seed))
    assert refused.status_code == 429
    assert "no longer taken here" in refused.content.decode()
    # Another day it is the same; the browser the owner uses has its own count, codes have none.
    clock.shift(timedelta(days=1))
    assert give(half_way(customer, visitor), app_code(seed)).status_code == 429
    assert give(half_way(customer, customer.browser), app_code(seed)).status_code == 302
    assert give(half_way(customer, visitor), codes[0], "code").status_code == 302


def test_a_right_code_forgets_the_wrong_ones_before_it(customer, app, visitor):
    key = str(customer.account.pk)
    guessed("guess.app", key, 99)
    assert give(half_way(customer, visitor), app_code(app[0])).status_code == 302
    assert not Allowance.objects.filter(name="guess.app").exists()


@pytest.mark.parametrize("act", ["again", "proof"])
def test_in_a_session_it_is_the_same(customer, app, act):
    account_id, now = customer.account.pk, timezone.now()
    guessed("guess.app", guesses.signed_in(account_id), 99)
    answers = [Answer("app", WRONG), Answer("app", app_code(app[0]))]

    def give_in_session(answer: Answer) -> object:
        if act == "proof":
            visit = Visit(NOWHERE, now)
            return enrolment.make_codes(account_id, answer=answer, key="", visit=visit)
        given = {"account_id": account_id, "key": "", "password": PASSWORD}
        return again.with_both(**given, answer=answer, act=Act.by_itself(now))

    with pytest.raises((again.FactorNotRight, enrolment.ProofWrong)):
        give_in_session(answers[0])
    with pytest.raises(AppClosed):
        give_in_session(answers[1])


def test_a_thief_at_a_session_guesses_no_more_than_a_hundred_passwords(customer, clock):
    account_id = customer.account.pk
    same = {"account_id": account_id, "key": ""}
    guessed("guess.password", str(account_id), 98)
    with pytest.raises(again.PasswordWrong):
        again.with_password(**same, password="a guess", act=Act.by_itself(timezone.now()))
    browser = customer.sign_in()
    fields = {"current": "another guess", "password": "violet carafe quay morning"}
    assert browser.post("/account/password", fields).status_code == 422

    clock.shift(timedelta(days=2))
    with pytest.raises(PasswordGuessed):
        again.with_password(**same, password=PASSWORD, act=Act.by_itself(timezone.now()))
    with pytest.raises(PasswordGuessed):
        change_password(
            **same, current=PASSWORD, new="violet carafe", act=Act.by_itself(timezone.now())
        )
    # Signing in is counted apart, and the way to a new password is open.
    customer.sign_in()


def test_a_new_password_by_mail_opens_what_guessing_closed(customer):
    guessed("guess.password", str(customer.account.pk), 100)
    encoded, length_class = hash_password("violet carafe quay morning")
    with transaction.atomic():
        replace_password(
            account_id=customer.account.pk,
            encoded=encoded,
            length_class=length_class,
            caused_by=customer.email,
            act=Act.by_itself(timezone.now()),
        )
    assert not Allowance.objects.filter(name="guess.password").exists()


def test_the_right_password_forgets_the_wrong_ones(customer):
    key = str(customer.account.pk)
    guessed("guess.password", key, 99)
    same = {"account_id": customer.account.pk, "key": ""}
    again.with_password(**same, password=PASSWORD, act=Act.by_itself(timezone.now()))
    assert not Allowance.objects.filter(name="guess.password").exists()
