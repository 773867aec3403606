"""The code mailed for a browser that the account does not know."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.signin.authentication import second_step
from nichandle.identity.signin.authentication.challenges import StepCodeWrong, StepGone
from nichandle.identity.signin.models import Challenge, KnownBrowser
from nichandle.identity.signin.recognition import browsers as known
from nichandle.identity.signin.sessions import ending
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.identity.signin.tests.second_steps import a_browser, acts, told
from nichandle.platform.limits.models import Allowance
from tests.support.people import PASSWORD, set_up_app
from tests.support.post import text_of, waiting_code

pytestmark = pytest.mark.django_db


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def unknown(person, browser: Client) -> Client:
    typed = {"identifier": person.handle, "password": PASSWORD}
    answer = browser.post("/signin", typed)
    assert answer.headers["Location"] == "/signin/code?next=%2Farea"
    return browser


def test_an_unknown_browser_is_asked_for_the_code_mailed_to_the_primary_address(
    customer, visitor, post
):
    customer.sign_in()
    unknown(customer, visitor)
    assert visitor.get("/area").status_code == 302
    page = visitor.get("/signin/code").content.decode()
    assert "d•••@example.org" in page
    assert customer.email not in page

    mail = post.last_to(customer.email)
    assert mail["Subject"] == f"[{customer.handle}] Your code to sign in"
    assert "127.0.0.1" in text_of(mail)
    answer = visitor.post("/signin/code", {"code": post.code_to(customer.email), "next": "/area"})

    assert answer.headers["Location"] == "/area"
    assert visitor.get("/area").status_code == 200
    visitor.post("/signout")
    known = visitor.post("/signin", {"identifier": customer.handle, "password": PASSWORD})
    assert known.headers["Location"] == "/area", "it is known now"


def test_the_code_is_worth_nothing_in_another_browser(customer, visitor):
    customer.sign_in()
    unknown(customer, visitor)
    thief = unknown(customer, a_browser(HTTP_USER_AGENT=FIREFOX))
    code = waiting_code("signin/mail/code", customer.email)

    assert visitor.post("/signin/code", {"code": code}).status_code == 422
    assert thief.post("/signin/code", {"code": code}).status_code == 302


def test_a_wrong_mailed_code_leaves_its_count_and_five_end_it(customer, visitor, origin):
    customer.sign_in()
    unknown(customer, visitor)
    secret = visitor.cookies["step"].value
    with pytest.raises(StepCodeWrong, match="Tries left: 4"):
        second_step.give_code(secret, "BCDF-GHJK", Visit(origin, timezone.now()))
    assert Allowance.objects.filter(name="signin.code").get().count == 1
    assert acts(customer)[0] == "signin.code_wrong"
    for _ in range(3):
        assert visitor.post("/signin/code", {"code": "BCDF-GHJK"}).status_code == 422
    gone = visitor.post("/signin/code", {"code": "BCDF-GHJK"})

    assert gone.headers["Location"].startswith("/signin?")
    assert told("half_finished") == [], "the mail with the code has said it"


def test_the_fifth_wrong_code_ends_the_sign_in_and_is_counted(customer, visitor, origin):
    customer.sign_in()
    unknown(customer, visitor)
    code = waiting_code("signin/mail/code", customer.email)
    secret = visitor.cookies["step"].value
    visit = Visit(origin, timezone.now())
    for _ in range(4):
        with pytest.raises(StepCodeWrong):
            second_step.give_code(secret, "BCDF-GHJK", visit)
    with pytest.raises(StepGone):
        second_step.give_code(secret, "BCDF-GHJK", visit)

    assert Allowance.objects.filter(name="signin.code").get().count == 5
    with pytest.raises(StepGone):
        second_step.give_code(secret, code, visit)


def test_a_mailed_code_lives_ten_minutes(customer, visitor, clock):
    customer.sign_in()
    unknown(customer, visitor)
    code = waiting_code("signin/mail/code", customer.email)
    clock.shift(timedelta(minutes=10))

    gone = visitor.post("/signin/code", {"code": code})
    assert gone.headers["Location"].startswith("/signin?")


def test_a_mailed_code_fits_to_its_last_second_whatever_its_sign_in_lasts(customer, visitor, clock):
    customer.sign_in()
    unknown(customer, visitor)
    code = waiting_code("signin/mail/code", customer.email)
    Challenge.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    clock.shift(timedelta(minutes=10))
    assert visitor.post("/signin/code", {"code": code}).status_code == 422

    clock.shift(timedelta(seconds=-1))
    assert visitor.post("/signin/code", {"code": code}).status_code == 302


def test_sent_again_the_code_before_is_void(customer, visitor):
    customer.sign_in()
    unknown(customer, visitor)
    first = waiting_code("signin/mail/code", customer.email)
    visitor.post("/signin/code/again")
    second = waiting_code("signin/mail/code", customer.email)

    assert visitor.post("/signin/code", {"code": first}).status_code == 422
    assert visitor.post("/signin/code", {"code": second}).status_code == 302


def test_ten_codes_an_hour_are_mailed_however_many_sign_ins_are_begun(customer, contact, clock):
    """Nobody who has the password wears the owner down by one mail after another."""
    for person in (customer, contact):
        person.sign_in()
    begun = [
        a_browser().post("/signin", {"identifier": customer.handle, "password": PASSWORD})
        for _ in range(12)
    ]

    assert [answer.status_code for answer in begun] == [302] * 10 + [429] * 2
    assert told("code") == [customer.email] * 10
    unknown(contact, a_browser())
    clock.shift(timedelta(hours=1) - timedelta(seconds=1))
    again = {"identifier": customer.handle, "password": PASSWORD}
    assert a_browser().post("/signin", again).status_code == 429
    clock.shift(timedelta(seconds=1))
    unknown(customer, a_browser())


def test_three_codes_are_enough(customer, visitor):
    customer.sign_in()
    unknown(customer, visitor)
    for _ in range(4):
        visitor.post("/signin/code/again")

    assert len(told("code")) == 3


@pytest.fixture
def spare(customer):
    return customer.account.recovery_addresses.create(
        address="spare@example.net",
        address_key="spare@example.net",
        added_at=timezone.now() - timedelta(days=8),
        proven_at=timezone.now() - timedelta(days=7),
    )


def test_on_request_the_code_goes_to_an_established_recovery_address_and_the_primary_is_told(
    customer, visitor, spare
):
    customer.sign_in()
    unknown(customer, visitor)
    assert "s•••@example.net" in visitor.get("/signin/code").content.decode()
    visitor.post("/signin/code/again", {"to": spare.pk})

    code = waiting_code("signin/mail/code", spare.address)
    assert told("code_elsewhere") == [customer.email]
    assert visitor.post("/signin/code", {"code": code}).status_code == 302


def test_a_young_recovery_address_or_somebody_elses_gets_no_code(
    customer, stranger, visitor, spare
):
    theirs = stranger.account.recovery_addresses.create(
        address="eve@example.com",
        address_key="eve@example.com",
        added_at=timezone.now(),
        proven_at=timezone.now() - timedelta(days=30),
    )
    spare.proven_at = timezone.now() - timedelta(days=6)
    spare.save()
    customer.sign_in()
    unknown(customer, visitor)
    for address in (spare, theirs):
        visitor.post("/signin/code/again", {"to": address.pk})

    assert set(told("code")) == {customer.email}


def test_a_mailed_code_does_not_stand_for_a_factor(customer, visitor, clock):
    customer.sign_in()
    unknown(customer, visitor)
    code = waiting_code("signin/mail/code", customer.email)
    set_up_app(customer)

    answer = visitor.post("/signin/code", {"code": code})
    assert answer.headers["Location"].startswith("/signin?")
    assert visitor.get("/area").status_code == 302


def test_end_all_others_makes_other_browsers_unknown_and_keeps_this_one(customer, visitor):
    customer.sign_in()
    customer.sign_in(visitor)
    visitor.post("/account/sessions/end-others")

    unknown(customer, customer.browser)
    visitor.post("/signout")
    known = visitor.post("/signin", {"identifier": customer.handle, "password": PASSWORD})
    assert known.headers["Location"] == "/area"


def test_an_account_that_slept_for_years_asks_an_unknown_browser_all_the_same(
    customer, stranger, visitor, clock
):
    customer.sign_in()
    customer.sign_in(visitor)
    stranger.sign_in()
    for _ in range(3):
        clock.shift(timedelta(days=300))
        stranger.sign_in()
        ending.clear_ended(now=timezone.now())

    kept = KnownBrowser.objects.filter(account=customer.account)
    assert [row.digest for row in kept] == [known.FORGOTTEN]
    unknown(customer, a_browser())
    stranger.browser.post("/signout")
    typed = {"identifier": stranger.handle, "password": PASSWORD}
    assert stranger.browser.post("/signin", typed).headers["Location"] == "/area"
