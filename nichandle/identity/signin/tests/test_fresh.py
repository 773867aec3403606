"""A sensitive act asks for a fresh sign-in, and then goes on where it was."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone

from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.reauthentication import again as again_room
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.platform.audit.models import Entry
from nichandle.platform.kernel.act import Act
from tests.support.people import PASSWORD, app_code, set_up_app

pytestmark = pytest.mark.django_db
HELD = re.compile(r'name="held" value="([^"]*)"')


@fresh_required
def act(request) -> HttpResponse:
    return HttpResponse(f"done {request.method} {request.POST.get('word', '')}")


class Urls:
    """The product's addresses, and two sensitive ones."""

    urlpatterns = (
        path("act", act),
        path("other", act),
        path("", include("nichandle.config.urls")),
    )


@pytest.fixture(autouse=True)
def urls():
    with override_settings(ROOT_URLCONF=Urls):
        yield


@pytest.fixture
def stale(customer):
    """A browser that signed in eleven minutes ago."""
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        browser = customer.sign_in()
        clock.shift(timedelta(minutes=11))
        yield browser


def held_in(answer) -> str:
    found = HELD.search(answer.content.decode())
    return found[1] if found else ""


def again(browser, held="", password=PASSWORD, where="/act"):
    sent = {"sign-in-again": "password", "password": password, "held": held}
    return browser.post(where, sent)


def test_within_ten_minutes_nothing_is_asked(customer):
    browser = customer.sign_in()

    assert browser.get("/act").content == b"done GET "
    assert browser.post("/act", {"word": "tea"}).content == b"done POST tea"


def test_a_page_opened_late_asks_and_then_opens(stale):
    asked = stale.get("/act?step=2")
    assert "Sign in again" in asked.content.decode()

    answer = again(stale, held_in(asked), where="/act?step=2")

    assert answer.headers["Location"] == "/act?step=2"
    assert stale.get("/act?step=2").content == b"done GET "


def test_a_form_sent_late_goes_on_with_nothing_typed_again(stale):
    asked = stale.post("/act", {"word": "thé à la menthe & co"})
    assert b"done" not in asked.content
    assert "menthe" not in asked.content.decode()

    answer = again(stale, held_in(asked))

    assert answer.content.decode() == "done POST thé à la menthe & co"


def test_a_wrong_password_is_counted_and_loses_nothing(stale, customer):
    asked = stale.post("/act", {"word": "tea"})

    wrong = again(stale, held_in(asked), password="not this one")
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.content.decode()
    assert Entry.objects.latest("pk").act == "signin.again_wrong"

    assert again(stale, held_in(wrong)).content == b"done POST tea"


def test_a_stolen_session_cannot_guess_on(stale):
    for _ in range(10):
        assert again(stale, password="guess").status_code == 422

    assert again(stale, password=PASSWORD).status_code == 429
    assert Session.objects.get().fresh_at < timezone.now() - timedelta(minutes=10)


def test_what_waits_is_for_its_own_page_and_session(stale, contact):
    asked = stale.post("/act", {"word": "tea"})
    held = held_in(asked)

    elsewhere = again(stale, held, where="/other")
    assert elsewhere.headers["Location"] == "/other"

    somebody_else = contact.sign_in()
    assert again(somebody_else, held).headers["Location"] == "/act"


@pytest.mark.parametrize("forged", ["x", "é", "gAAAA", "A" * 5000])
def test_a_forged_form_does_nothing(stale, forged):
    assert again(stale, forged).headers["Location"] == "/act"


def test_what_waits_too_long_is_asked_for_anew(customer):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        browser = customer.browser
        browser.post("/signin", {"identifier": customer.handle, "password": PASSWORD, "stay": "on"})
        clock.shift(timedelta(minutes=11))
        held = held_in(browser.post("/act", {"word": "tea"}))
        clock.shift(timedelta(hours=2))

        assert again(browser, held).headers["Location"] == "/act"


@pytest.fixture
def with_factors(customer):
    """A browser that signed in eleven minutes ago, of somebody with an app and a key."""
    seed, key = set_up_app(customer, days_ago=30)[0], Authenticator()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in(browser=customer.browser, code=app_code(seed))
        page = browser.get("/account/security/factors/key").content.decode()
        options = html.unescape(re.search(r'data-key-options="([^"]+)"', page)[1])
        state = re.search(r'name="state" value="([^"]+)"', page)[1]
        given = {"name": "Key", "state": state, "response": key.register(options)}
        assert browser.post("/account/security/factors/key", given).status_code == 302
        clock.shift(timedelta(minutes=11))
        yield browser, seed, key


def test_a_code_of_an_app_makes_it_fresh_too_and_nothing_is_typed_again(with_factors):
    browser, seed, _key = with_factors
    asked = browser.post("/act", {"word": "tea"})
    other = browser.post("/act", {"sign-in-again": "instead-app", "held": held_in(asked)})
    assert 'name="code"' in other.content.decode()

    sent = {"sign-in-again": "app", "code": app_code(seed), "held": held_in(other)}
    assert browser.post("/act", sent).content == b"done POST tea"


def test_a_key_makes_it_fresh_too_if_it_has_made_sure_of_its_owner(with_factors):
    browser, _seed, key = with_factors
    asked = browser.post("/act", {"word": "tea"})
    for verified, expected in ((False, None), (True, b"done POST tea")):
        other = browser.post("/act", {"sign-in-again": "instead-key", "held": held_in(asked)})
        page = other.content.decode()
        options = html.unescape(re.search(r'data-key-options="([^"]+)"', page)[1])
        state = re.search(r'name="state" value="([^"]+)"', page)[1]
        key.verified = verified
        sent = {"sign-in-again": "key", "state": state, "held": held_in(other)}
        answer = browser.post("/act", {**sent, "response": key.prove(options)})
        if expected is None:
            assert answer.status_code == 422
        else:
            assert answer.content == expected


def test_a_wrong_factor_leaves_its_count_beside_that_of_the_password(with_factors, customer):
    browser, seed, _key = with_factors
    with pytest.raises(again_room.FactorNotRight, match="Tries left: 9"):
        again_room.with_factor(
            account_id=customer.account.pk,
            key=browser.cookies["session"].value,
            answer=Answer("app", "000000"),
            act=Act.by_itself(timezone.now()),
        )
    assert Entry.objects.latest("pk").act == "signin.again_wrong"
    for _ in range(9):
        assert again(browser, password="guess").status_code == 422
    sent = {"sign-in-again": "app", "code": app_code(seed)}
    assert browser.post("/act", sent).status_code == 429


def test_a_recovery_code_makes_nothing_fresh(with_factors):
    browser, _seed, _key = with_factors
    sent = {"sign-in-again": "code", "code": "BCDF-GHJK-LMNP-QRST"}
    answer = browser.post("/act", sent)

    assert 'name="password"' in answer.content.decode()
    assert "Recovery code" not in answer.content.decode()


def test_the_session_goes_on_under_a_new_key(stale):
    """A key that was stolen before is worth nothing after (ASVS 5.0, 7.2.4)."""
    before = stale.cookies["session"].value
    asked = stale.post("/act", {"word": "tea"})

    again(stale, held_in(asked))

    assert stale.cookies["session"].value != before
    assert stale.get("/area").status_code == 200
    stale.cookies["session"] = before
    assert stale.get("/area").status_code == 302


NETWORKS = "/account/security/networks"


def test_what_waits_survives_another_tab_that_signs_in_again(stale):
    asked = stale.post("/act", {"word": "tea"})
    elsewhere = stale.post("/other", {"word": "milk"})
    assert again(stale, held_in(elsewhere), where="/other").content == b"done POST milk"

    assert again(stale, held_in(asked)).content == b"done POST tea"


def test_a_lost_form_leads_back_to_the_page_it_came_from(stale):
    """Not to its own address, which may take forms alone."""
    where, before = f"{NETWORKS}/1/remove", f"http://localhost{NETWORKS}"
    asked = stale.post(where, headers={"referer": before})
    assert f'name="back" value="{NETWORKS}"' in asked.content.decode()
    sent = {"sign-in-again": "password", "password": PASSWORD, "held": "lost", "back": NETWORKS}

    answer = stale.post(where, sent, follow=True)

    assert answer.redirect_chain == [(NETWORKS, 302)]
    assert "What you had entered is too old" in answer.content.decode()


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/x", "http://localhost//evil.example"]
)
def test_back_is_a_page_of_ours(stale, referer):
    asked = stale.post("/act", headers={"referer": referer})
    assert 'name="back" value="/area"' in asked.content.decode()
    sent = {"sign-in-again": "password", "password": PASSWORD, "back": "//evil.example"}
    assert stale.post("/act", sent).headers["Location"] == "/act"


def test_the_same_form_sent_twice_signs_nobody_out(stale):
    before = stale.cookies["session"].value
    asked = stale.post("/act", {"word": "tea"})
    assert again(stale, held_in(asked)).content == b"done POST tea"

    twice = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    twice.cookies["session"] = before
    second = again(twice, held_in(asked))
    assert second.status_code == 302
    assert "session" not in second.cookies
    assert "has ended" not in twice.get("/signin").content.decode()


def test_a_key_renewed_long_ago_is_taken_out_of_the_browser(stale):
    before = stale.cookies["session"].value
    again(stale, held_in(stale.post("/act", {"word": "tea"})))
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        late = Client(HTTP_HOST="localhost")
        late.cookies["session"] = before
        assert late.get("/area").cookies["session"].value == ""


@pytest.mark.parametrize("by_app", [True, False])
def test_the_code_of_an_app_that_waited_too_long_is_asked_for_anew(with_factors, by_app):
    browser, seed, _key = with_factors
    where = "/account/security/factors/codes"
    asked = browser.post(where, {"method": "app", "code": app_code(seed)})
    sent = {"sign-in-again": "password", "password": PASSWORD, "held": held_in(asked)}
    later = timezone.now() + timedelta(seconds=0 if by_app else 70)
    if by_app:
        sent |= {"sign-in-again": "app", "code": app_code(seed)}
    with time_machine.travel(later, tick=False):
        answer = browser.post(where, sent)

    assert answer.status_code == 422
    assert "has grown too old meanwhile" in answer.content.decode()
    assert not Entry.objects.filter(act="factors.proof_wrong").exists()
