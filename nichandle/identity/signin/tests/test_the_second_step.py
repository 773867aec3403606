"""The second step of a sign-in: an app, recovery codes, and half a sign-in that waits."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import RecoveryCode, Totp
from nichandle.identity.signin.authentication import challenges, second_step
from nichandle.identity.signin.authentication.second_step import FactorWrong
from nichandle.identity.signin.models import Challenge, Session
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.identity.signin.tests.second_steps import a_browser, acts, give, half_way, told
from nichandle.platform.audit import queries as ledger
from nichandle.platform.limits.models import Allowance
from tests.support.people import PASSWORD, app_code, set_up_app
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


def test_with_an_app_the_password_alone_opens_nothing(customer, seed, visitor):
    half_way(customer, visitor)
    assert visitor.get("/area").status_code == 302
    page = visitor.get("/signin/factor").content.decode()
    assert "Six digits" in page
    assert "Trust this browser" in page

    answer = give(visitor, app_code(seed), next="/account")

    assert answer.headers["Location"] == "/account"
    assert visitor.get("/area").status_code == 200
    assert "step" not in visitor.cookies or not visitor.cookies["step"].value
    assert acts(customer)[0] == "signin.succeeded"
    assert "Telephone" in str(ledger.entries_of(customer.account.pk).rows[0].details)


def test_a_known_browser_needs_the_factor_too(customer, seed):
    half_way(customer, customer.browser)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_off_by_one_step(customer, seed, visitor, steps):
    assert give(half_way(customer, visitor), app_code(seed, steps=steps)).status_code == 302


@pytest.mark.parametrize("steps", [-2, 2])
def test_and_no_more(customer, seed, visitor, steps):
    assert give(half_way(customer, visitor), app_code(seed, steps=steps)).status_code == 422


def test_a_code_may_be_typed_with_spaces(customer, seed, visitor):
    code = app_code(seed)
    assert give(half_way(customer, visitor), f" {code[:3]} {code[3:]} ").status_code == 302


def test_a_replayed_code_opens_nothing(customer, seed, visitor):
    code = app_code(seed)
    assert give(half_way(customer, visitor), code).status_code == 302

    assert give(half_way(customer, a_browser()), code).status_code == 422


def test_a_code_older_than_the_one_used_opens_nothing(customer, seed, visitor):
    older = app_code(seed, steps=-1)
    assert give(half_way(customer, visitor), app_code(seed)).status_code == 302

    assert give(half_way(customer, a_browser()), older).status_code == 422


def test_a_wrong_code_says_how_many_tries_are_left_and_names_another_way(customer, seed, visitor):
    answer = give(half_way(customer, visitor), "000000")
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "Tries left: 4." in page
    assert "method=code" in page
    assert acts(customer)[0] == "signin.factor_wrong"


def test_five_wrong_codes_end_the_sign_in_and_are_told(customer, seed, visitor):
    half_way(customer, visitor)
    for _ in range(5):
        answer = give(visitor, "000000")

    assert answer.headers["Location"].startswith("/signin?")
    assert told("half_finished") == [customer.email]
    assert give(visitor, app_code(seed)).headers["Location"].startswith("/signin?")
    assert not Session.objects.exists()


def test_guesses_are_counted_for_the_account_whatever_sign_in_they_belong_to(
    customer, seed, visitor
):
    for _ in range(2):
        half_way(customer, visitor)
        for _ in range(5):
            give(visitor, "000000")
    half_way(customer, visitor)
    refused = give(visitor, app_code(seed))

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_a_strangers_guesses_do_not_close_the_second_step_of_a_known_browser(
    customer, seed, visitor
):
    for _ in range(2):
        half_way(customer, visitor)
        for _ in range(5):
            give(visitor, "000000")

    assert give(half_way(customer, customer.browser), app_code(seed)).status_code == 302


def test_a_wrong_factor_leaves_its_count(customer, seed, visitor, origin):
    half_way(customer, visitor)
    visit = Visit(origin, timezone.now())
    with pytest.raises(FactorWrong):
        second_step.give_factor(
            visitor.cookies["step"].value, Answer("app", "000000"), visit, trust=False
        )

    assert Challenge.objects.get().wrong == 1
    assert Allowance.objects.filter(name="signin.factor").get().count == 1


def test_the_second_step_of_one_account_is_not_made_with_the_factor_of_another(
    customer, stranger, clock
):
    set_up_app(customer, days_ago=30)
    other = set_up_app(stranger, days_ago=30)[0]
    thief = half_way(customer, a_browser())

    assert give(thief, app_code(other)).status_code == 422


def test_a_swapped_cookie_opens_the_account_it_was_made_for_and_no_other(customer, stranger, clock):
    seed = set_up_app(customer, days_ago=30)[0]
    set_up_app(stranger, days_ago=30)
    mine, theirs = half_way(customer, a_browser()), half_way(stranger, a_browser())
    theirs.cookies["step"] = mine.cookies["step"].value

    give(theirs, app_code(seed))

    assert customer.handle in re.sub("<[^>]+>", "", theirs.get("/area").content.decode())
    assert Session.objects.get().account_id == customer.account.pk


@pytest.mark.parametrize("secret", ["", "made up", "x" * 500])
def test_without_the_password_there_is_no_second_step(customer, seed, visitor, secret):
    visitor.cookies["step"] = secret

    assert visitor.get("/signin/factor").headers["Location"].startswith("/signin?")
    assert give(visitor, app_code(seed)).headers["Location"].startswith("/signin?")
    assert not Session.objects.exists()


def test_the_database_does_not_hold_the_secret_of_half_a_sign_in(customer, seed, visitor):
    half_way(customer, visitor)
    assert visitor.cookies["step"].value not in str(Challenge.objects.values())


def test_half_a_sign_in_lasts_ten_minutes_and_is_told_when_nobody_finished_it(
    customer, seed, visitor, clock, post
):
    half_way(customer, visitor)
    clock.shift(timedelta(minutes=10))

    assert give(visitor, app_code(seed)).headers["Location"].startswith("/signin?")
    assert challenges.end_old(now=timezone.now()) == 1
    mail = post.last_to(customer.email)
    assert "the second step was missing" in mail["Subject"]
    assert "127.0.0.1" in text_of(mail)
    assert not Challenge.objects.exists()
    assert acts(customer)[0] == "signin.half_finished"


def test_the_owner_who_finishes_later_is_not_told_of_their_own_false_start(
    customer, seed, visitor, clock
):
    half_way(customer, visitor)
    half_way(customer, visitor)
    give(visitor, app_code(seed))
    clock.shift(timedelta(minutes=11))

    challenges.end_old(now=timezone.now())

    assert told("half_finished") == []


def test_a_thief_behind_the_same_address_is_told_though_the_owner_finishes(
    customer, seed, visitor, clock
):
    half_way(customer, a_browser())
    half_way(customer, visitor)
    give(visitor, app_code(seed))
    clock.shift(timedelta(minutes=11))

    challenges.end_old(now=timezone.now())

    assert told("half_finished") == [customer.email]
    assert acts(customer)[0] == "signin.half_finished"


def test_mails_about_half_sign_ins_are_not_a_weapon(customer, seed, clock):
    for _ in range(6):
        half_way(customer, a_browser())
    clock.shift(timedelta(minutes=11))
    challenges.end_old(now=timezone.now())

    assert len(told("half_finished")) == 3
    assert acts(customer).count("signin.half_finished") == 6


def test_a_change_of_password_ends_half_a_sign_in(customer, seed, visitor):
    half_way(customer, visitor)
    customer.account.refresh_from_db()
    type(customer.account).objects.update(password="another")

    assert give(visitor, app_code(seed)).headers["Location"].startswith("/signin?")


def test_half_a_sign_in_makes_no_browser_known(customer, seed, visitor):
    half_way(customer, visitor)
    assert "browser" not in visitor.cookies
    Totp.objects.all().delete()

    again = visitor.post("/signin", {"identifier": customer.handle, "password": PASSWORD})
    assert again.headers["Location"].startswith("/signin/code")


def test_a_recovery_code_opens_once_and_is_told(customer, clock, visitor, post):
    codes = set_up_app(customer, days_ago=30)[1]
    assert len(set(codes)) == 10

    used = codes[3].lower().replace("-", " ")
    assert give(half_way(customer, visitor), used, "code").status_code == 302
    mail = [m for r, m in post.deliver() if "recovery code" in m["Subject"]][-1]
    assert "Codes left: 9." in text_of(mail)
    assert give(half_way(customer, a_browser()), codes[3], "code").status_code == 422
    assert give(half_way(customer, a_browser()), codes[4], "code").status_code == 302


def test_recovery_codes_are_kept_as_hashes(customer, clock):
    codes = set_up_app(customer)[1]
    kept = str(RecoveryCode.objects.values())

    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_the_recovery_codes_of_one_account_open_no_other(customer, stranger, clock):
    set_up_app(customer)
    theirs = set_up_app(stranger)[1]

    assert give(half_way(customer, a_browser()), theirs[0], "code").status_code == 422


def test_somebody_signed_in_has_no_second_step_to_make(customer):
    browser = customer.sign_in()
    assert browser.get("/signin/factor").headers["Location"] == "/area"
    assert browser.get("/signin/code").headers["Location"] == "/area"


@pytest.mark.parametrize("around", ["{}\u200b", "[{}]", "\u202d{}\u202c", "*{}*"])
def test_codes_are_taken_with_what_was_copied_along(customer, around):
    seed, codes = set_up_app(customer, days_ago=1)

    assert give(half_way(customer, a_browser()), around.format(app_code(seed))).status_code == 302
    typed = around.format(codes[0])
    assert give(half_way(customer, a_browser()), typed, "code").status_code == 302


@pytest.mark.parametrize(
    ("method", "typed", "said"),
    [
        ("app", "12345", "it has six digits"),
        ("app", "1234567", "it has six digits"),
        ("app", "BCDFGH", "it has six digits"),
        ("code", "BCDF-GHJK", "one has sixteen letters"),
        ("code", "123456", "one has sixteen letters"),
    ],
)
def test_what_cannot_be_a_code_of_a_factor_spends_no_try(customer, method, typed, said):
    set_up_app(customer, days_ago=1)
    browser = half_way(customer, a_browser())
    for _ in range(12):
        answer = give(browser, typed, method)
        assert answer.status_code == 422
        assert said in answer.content.decode()

    assert not Allowance.objects.filter(name__in=["signin.factor", "guess.app"]).exists()
    assert Challenge.objects.get().wrong == 0
