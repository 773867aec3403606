"""With a factor a shorter password is enough, and never without."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import RecoveryCode, Totp
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.credentials.enrolment import LongPasswordNeeded
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.identity.signin.tests.factor_pages import FACTORS, NEW, add, enter, remove
from tests.support.people import PASSWORD, set_up_app

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


SHORT = "zv9!kQ2p"


def change(browser: Client, current: str, new: str):
    return browser.post("/account/password", {"current": current, "password": new})


def test_with_a_factor_eight_characters_are_enough_and_without_they_are_not(customer):
    assert change(customer.sign_in(), PASSWORD, SHORT).status_code == 422
    customer.browser.post("/signout")
    seed, _codes = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    assert "At least 8 characters" in browser.get("/account/password").content.decode()

    typed = {"password": SHORT}
    assert browser.post("/password/strength", typed).json()["ok"]
    assert not browser.post("/password/strength", {**typed, "alone": "yes"}).json()["ok"]
    assert not Client(HTTP_HOST="localhost").post("/password/strength", typed).json()["ok"]
    assert change(browser, PASSWORD, SHORT).status_code == 302
    assert Account.objects.get().password_length_class == "short"


def test_the_last_factor_leaves_no_short_password_behind(customer):
    seed, codes = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    change(browser, PASSWORD, SHORT)
    app = Totp.objects.get()
    assert 'name="password"' in browser.get(f"{FACTORS}/app/{app.pk}/remove").content.decode()

    assert remove(browser, app, "code", codes[0]).status_code == 422
    assert remove(browser, app, "code", codes[0], password=SHORT).status_code == 422
    assert remove(browser, app, "code", codes[0], password=NEW).status_code == 302

    assert Account.objects.get().password_length_class == "long"
    fresh = browser.post("/signin", {"identifier": customer.handle, "password": NEW})
    assert fresh.headers["Location"] == "/area"


def test_the_operation_itself_asks_for_the_longer_password(customer, origin):
    _seed, codes = set_up_app(customer, days_ago=30)
    Account.objects.update(password_length_class="short")
    with pytest.raises(LongPasswordNeeded):
        enrolment.remove(
            customer.account.pk,
            kind="app",
            factor_id=Totp.objects.get().pk,
            answer=Answer("code", codes[0]),
            password="",
            key="",
            visit=Visit(origin, timezone.now()),
        )
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_factors_removed_at_once_do_not_leave_a_short_password(customer, origin):
    """Each is the last but one when it begins; one of them must see that it is the last."""
    seed, codes = set_up_app(customer, days_ago=30)
    enter(customer, seed)
    add(customer.browser)
    Account.objects.update(password_length_class="short")
    outcomes, start = [], threading.Barrier(2)

    def take(factor_id: int, code: str) -> None:
        start.wait()
        try:
            enrolment.remove(
                customer.account.pk,
                kind="app",
                factor_id=factor_id,
                answer=Answer("code", code),
                password="",
                key="",
                visit=Visit(origin, timezone.now()),
            )
            outcomes.append("removed")
        except LongPasswordNeeded as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=take, args=[app.pk, code])
        for app, code in zip(Totp.objects.all(), codes, strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["factors.long_password_needed", "removed"]
    assert Totp.objects.count() == 1


def test_a_factor_set_up_on_the_first_day_counts_as_set_at_creation(customer):
    set_up_app(customer)
    assert Totp.objects.get().established(timezone.now())
    Account.objects.update(opened_at=timezone.now() - timedelta(days=2))
    Totp.objects.all().delete()
    set_up_app(customer)
    assert not Totp.objects.get().established(timezone.now() + timedelta(days=6))
    assert Totp.objects.get().established(timezone.now() + timedelta(days=7))
    assert not Session.objects.exists()
