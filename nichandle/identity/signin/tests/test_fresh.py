"""A sensitive act asks for a fresh sign-in, and then goes on where it was."""

import base64
import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone

from nichandle.identity.factors import totp
from nichandle.identity.factors.models import RecoveryCode, SecurityKey, Totp
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.reauthentication import again as again_room
from nichandle.identity.signin.reauthentication.fresh import HELD_FOR, fresh_required
from nichandle.platform.audit.models import Entry
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.tokens import MARK
from nichandle.platform.outbox.models import Mail
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


def test_what_was_sealed_for_another_page_is_no_form_that_waits(stale, customer):
    sealed = totp.new_setup(customer.account.pk, now=timezone.now()).sealed

    assert again(stale, sealed).headers["Location"] == "/act"


@pytest.mark.parametrize("place", [0, 15, 16, 27, 28, -17, -1])
def test_a_real_form_with_one_byte_changed_does_nothing(stale, place):
    """In its salt, its nonce, what it holds and its tag; untouched it goes on."""
    held = held_in(stale.post("/act", {"word": "tea"}))
    changed = bytearray(base64.urlsafe_b64decode(held.removeprefix(MARK)))
    changed[place] ^= 1

    answer = again(stale, MARK + base64.urlsafe_b64encode(changed).decode())

    assert answer.headers["Location"] == "/act"
    assert again(stale, held).content == b"done POST tea"


def test_what_waits_too_long_is_asked_for_anew(customer):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        browser = customer.browser
        browser.post("/signin", {"identifier": customer.handle, "password": PASSWORD, "stay": "on"})
        clock.shift(timedelta(minutes=11))
        held = held_in(browser.post("/act", {"word": "tea"}))
        clock.shift(HELD_FOR)

        assert again(browser, held).headers["Location"] == "/act"


def test_what_waits_is_good_for_an_hour_to_the_second(customer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.browser
        browser.post("/signin", {"identifier": customer.handle, "password": PASSWORD, "stay": "on"})
        clock.shift(timedelta(minutes=11))
        held = held_in(browser.post("/act", {"word": "tea"}))
        clock.shift(timedelta(hours=1, seconds=-1))

        assert again(browser, held).content == b"done POST tea"


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


def answering(browser, method: str, held: str = "", **given: str):
    """Choose a way to sign in again, and give what it asks for; ``key`` answers its question."""
    page = browser.post("/act", {"sign-in-again": f"instead-{method}", "held": held})
    text = page.content.decode()
    assert f'name="sign-in-again" value="{method}"' in text
    sent: dict[str, str] = {"sign-in-again": method, "held": held_in(page)}
    if key := given.pop("key", None):
        options = html.unescape(re.search(r'data-key-options="([^"]+)"', text)[1])
        sent["state"] = re.search(r'name="state" value="([^"]+)"', text)[1]
        sent["response"] = key.prove(options)
    return browser.post("/act", {**sent, **given})


def test_with_a_factor_the_password_alone_makes_nothing_fresh(with_factors):
    """A stolen session and a guessed password are not the owner (ASVS 5.0, 7.5.1)."""
    browser, _seed, _key = with_factors
    held = held_in(browser.post("/act", {"word": "tea"}))

    answer = again(browser, held)

    assert b"done" not in answer.content
    assert 'name="password"' not in answer.content.decode(), "the easiest way is the passkey"
    assert Session.objects.get().fresh_at < timezone.now() - timedelta(minutes=10)
    with pytest.raises(again_room.FactorNeeded):
        again_room.with_password(
            account_id=Session.objects.get().account_id,
            key=browser.cookies["session"].value,
            password=PASSWORD,
            act=Act.by_itself(timezone.now()),
        )


def test_password_and_app_make_it_fresh_and_nothing_is_typed_again(with_factors):
    browser, seed, _key = with_factors
    held = held_in(browser.post("/act", {"word": "tea"}))

    for wrong in (
        {"code": app_code(seed)},
        {"code": "000000", "password": PASSWORD},
        {"code": app_code(seed), "password": "not this one"},
    ):
        assert answering(browser, "app", held, **wrong).status_code == 422
    answer = answering(browser, "app", held, code=app_code(seed), password=PASSWORD)

    assert answer.content == b"done POST tea"


def test_a_passkey_makes_it_fresh_by_itself_if_it_has_made_sure_of_its_owner(with_factors):
    browser, _seed, key = with_factors
    held = held_in(browser.post("/act", {"word": "tea"}))

    key.verified = False
    assert answering(browser, "passkey", held, key=key).status_code == 422
    key.verified = True
    assert answering(browser, "passkey", held, key=key).content == b"done POST tea"


def test_a_key_without_a_pin_needs_the_password_beside_it(with_factors):
    browser, _seed, key = with_factors
    held = held_in(browser.post("/act", {"word": "tea"}))
    key.verified = False

    wrong = answering(browser, "key", held, key=key, password="not this one")
    assert wrong.status_code == 422
    assert answering(browser, "key", held, key=key).status_code == 422
    right = answering(browser, "key", held, key=key, password=PASSWORD)

    assert right.content == b"done POST tea"


def test_a_key_that_is_a_copy_makes_nothing_fresh_and_is_told(with_factors):
    browser, _seed, key = with_factors
    SecurityKey.objects.update(sign_count=50)
    key.count = 3

    answer = answering(browser, "passkey", key=key)

    assert "There seems to be a copy of this key" in answer.content.decode()
    assert Entry.objects.filter(act="factors.cloned").exists()
    assert Entry.objects.latest("pk").act == "signin.again_wrong"
    page = browser.post("/act").content.decode()
    assert "Use my passkey" not in page


def test_a_wrong_factor_leaves_its_count_beside_that_of_the_password(with_factors):
    browser, seed, _key = with_factors
    wrong = answering(browser, "app", code="000000", password=PASSWORD)
    assert "Tries left: 9" in wrong.content.decode()
    assert Entry.objects.latest("pk").act == "signin.again_wrong"
    for _ in range(9):
        assert answering(browser, "app", code="000000", password="guess").status_code == 422

    answer = answering(browser, "app", code=app_code(seed), password=PASSWORD)

    assert answer.status_code == 429


def test_a_recovery_code_stands_for_a_lost_app_beside_the_password_once_and_is_told(customer):
    seed, codes = set_up_app(customer, days_ago=30)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in(code=app_code(seed))
        clock.shift(timedelta(minutes=11))

        assert answering(browser, "code", code=codes[0]).status_code == 422
        answer = answering(browser, "code", code=codes[0], password=PASSWORD)
        assert answer.headers["Location"] == "/act"
        assert Mail.objects.filter(template="signin/mail/code_used").count() == 1
        clock.shift(timedelta(minutes=11))
        assert answering(browser, "code", code=codes[0], password=PASSWORD).status_code == 422


def test_where_no_factor_can_be_used_any_more_the_page_says_where_to_go(with_factors):
    browser, _seed, _key = with_factors
    Totp.objects.all().delete()
    RecoveryCode.objects.all().delete()
    SecurityKey.objects.update(copied_at=timezone.now())

    page = browser.get("/act").content.decode()

    assert "No factor is left" in page


def test_a_trusted_browser_is_asked_for_the_factor_before_a_sensitive_act(customer):
    """It was asked for none to sign in."""
    seed, _codes = set_up_app(customer, days_ago=30)
    browser = customer.browser
    typed = {"identifier": customer.handle, "password": PASSWORD}
    where = browser.post("/signin", typed).headers["Location"]
    browser.post(where, {"method": "app", "code": app_code(seed), "trust": "on"})
    assert browser.get("/act").content == b"done GET "
    browser.post("/signout")

    assert browser.post("/signin", typed).headers["Location"] == "/area"

    assert "Sign in again" in browser.get("/act").content.decode()


def test_a_neighbours_wrong_tries_leave_ones_own(stale, contact):
    with time_machine.travel(timezone.now() - timedelta(minutes=11), tick=False):
        other = contact.sign_in()
    for _ in range(10):
        again(other, password="guess")

    assert again(other).status_code == 429
    assert again(stale).headers["Location"] == "/act"


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


CODES = "/account/security/factors/codes"


def test_the_code_of_an_app_that_was_used_to_sign_in_again_is_asked_for_anew(with_factors):
    browser, seed, _key = with_factors
    asked = browser.post(CODES, {"method": "app", "code": app_code(seed)})
    sent = {"sign-in-again": "app", "code": app_code(seed), "password": PASSWORD}

    answer = browser.post(CODES, {**sent, "held": held_in(asked)})

    assert answer.status_code == 422
    assert "has grown too old meanwhile" in answer.content.decode()
    assert not Entry.objects.filter(act="factors.proof_wrong").exists()


@pytest.mark.parametrize(("waited", "fits"), [(29, True), (30, False)])
def test_the_code_of_an_app_may_wait_for_thirty_seconds(with_factors, waited, fits):
    browser, seed, key = with_factors
    asked = browser.post(CODES, {"method": "app", "code": app_code(seed)})
    page = browser.post(CODES, {"sign-in-again": "instead-passkey", "held": held_in(asked)})
    text = page.content.decode()
    options = html.unescape(re.search(r'data-key-options="([^"]+)"', text)[1])
    state = re.search(r'name="state" value="([^"]+)"', text)[1]
    sent = {"sign-in-again": "passkey", "state": state, "held": held_in(page)}
    with time_machine.travel(timezone.now() + timedelta(seconds=waited), tick=False):
        answer = browser.post(CODES, {**sent, "response": key.prove(options)})

    assert answer.status_code == (200 if fits else 422)
    assert ("has grown too old meanwhile" in answer.content.decode()) is not fits
    assert not Entry.objects.filter(act="factors.proof_wrong").exists()


def test_an_act_that_ends_other_sessions_keeps_this_one_though_its_key_is_new(customer):
    """What is resumed knows the session by the key it goes on under."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        other = customer.sign_in()
        browser = customer.sign_in(Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en"))
        where = "/account/security/factors/app"
        page = browser.get(where).content.decode()
        seed = re.search(r'class="seed">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
        setup = re.search(r'name="setup" value="([^"]+)"', page)[1]
        clock.shift(timedelta(minutes=11))
        given = {"name": "Telephone", "setup": setup, "code": app_code(seed)}
        asked = browser.post(where, given)

        assert again(browser, held_in(asked), where=where).status_code == 200

        assert browser.get("/area").status_code == 200
        assert other.get("/area").status_code == 302
