"""After the right password: a factor, and what guessing, replaying and swapping get."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from nichandle.identity.factors import operations as factors
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import RecoveryCode, SecurityKey, Totp, TrustedBrowser
from nichandle.identity.factors.queries import factors_of
from nichandle.identity.factors.totp import SEED
from nichandle.identity.signin.authentication import challenges, second_step
from nichandle.identity.signin.authentication.challenges import StepCodeWrong, StepGone
from nichandle.identity.signin.authentication.second_step import FactorWrong
from nichandle.identity.signin.models import Challenge, KnownBrowser, Session
from nichandle.identity.signin.recognition import browsers as known
from nichandle.identity.signin.sessions import ending
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit import queries as ledger
from nichandle.platform.jobs.registry import PERIODIC
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import is_postgresql
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from nichandle.sites.area.views import factors as factor_pages
from tests.support.people import PASSWORD, app_code, set_up_app
from tests.support.post import text_of, waiting_code

pytestmark = pytest.mark.django_db
FACTOR = "/signin/factor?next=%2Farea"
PROCEDURE = "/procedure"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


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


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as travelling:
        yield travelling


@pytest.fixture
def seed(customer, clock) -> str:
    return set_up_app(customer, days_ago=30)[0]


def acts(person) -> list[str]:
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


def told(template: str) -> list[str]:
    rows = Mail.objects.filter(template=f"signin/mail/{template}").order_by("pk")
    return [mail.recipient for mail in rows]


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


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["app", "code"])
def test_two_at_once_with_one_code_and_one_gets_in(customer, method):
    seed, codes = set_up_app(customer, days_ago=30)
    code = codes[0] if method == "code" else app_code(seed)
    browsers = [half_way(customer, a_browser(HTTP_USER_AGENT=f"n{n}")) for n in range(4)]
    secrets = [browser.cookies["step"].value for browser in browsers]
    outcomes, start = [], threading.Barrier(len(secrets))

    def enter(secret: str) -> None:
        start.wait()
        try:
            visit = Visit(Origin("203.0.113.7", secret[:8]), timezone.now())
            second_step.give_factor(secret, Answer(method, code), visit, trust=False)
            outcomes.append("in")
        except (FactorWrong, StepGone) as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=[secret]) for secret in secrets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in", *["signin.factor_wrong"] * 3]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_once_are_all_counted(customer, origin):
    set_up_app(customer, days_ago=30)
    secrets = [half_way(customer, a_browser()).cookies["step"].value for _ in range(16)]
    outcomes, start = [], threading.Barrier(len(secrets))

    def guess(secret: str) -> None:
        start.wait()
        try:
            visit = Visit(origin, timezone.now())
            second_step.give_factor(secret, Answer("app", "000000"), visit, trust=False)
        except Exception as refusal:  # noqa: BLE001 - whatever it is, it is compared below
            outcomes.append(getattr(refusal, "code", repr(refusal)))
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=[secret]) for secret in secrets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("signin.factor_wrong") == 10, outcomes
    assert outcomes.count("limits.exhausted") == 6, outcomes


def test_a_trusted_browser_is_asked_for_no_factor_for_thirty_days(customer, seed, visitor, clock):
    give(half_way(customer, visitor), app_code(seed), trust="on")
    visitor.post("/signout")
    typed = {"identifier": customer.handle, "password": PASSWORD}

    assert visitor.post("/signin", typed).headers["Location"] == "/area"
    half_way(customer, a_browser())
    clock.shift(timedelta(days=30))
    assert visitor.post("/signin", typed).headers["Location"] == FACTOR


def test_how_long_a_browser_is_trusted_is_the_operators_choice(
    customer, seed, visitor, clock, settings
):
    settings.NICHANDLE_TRUST_DAYS = timedelta(days=1)
    half_way(customer, visitor)
    assert "Trust this browser for 1 day" in visitor.get("/signin/factor").content.decode()
    give(visitor, app_code(seed), trust="on")
    clock.shift(timedelta(days=1))
    half_way(customer, visitor)


def test_trust_belongs_to_one_account(customer, stranger, clock, visitor):
    seed = set_up_app(customer, days_ago=30)[0]
    set_up_app(stranger, days_ago=30)
    give(half_way(customer, visitor), app_code(seed), trust="on")

    del visitor.cookies["session"]
    half_way(stranger, visitor)


@pytest.mark.parametrize(
    "act",
    [
        lambda p: ending.end_all(account_id=p.account.pk),
        lambda p: p.browser.post("/account/sessions/end-others"),
        lambda p: p.browser.post("/account/security/factors/trust/end"),
        lambda p: p.browser.post(
            "/account/password", {"current": PASSWORD, "password": "carafe violette sur le quai"}
        ),
    ],
)
def test_trust_ends_with_what_ends_sessions(customer, seed, act):
    give(half_way(customer, customer.browser), app_code(seed), trust="on")
    assert TrustedBrowser.objects.count() == 1

    act(customer)

    assert not TrustedBrowser.objects.exists()


def test_somebody_signed_in_has_no_second_step_to_make(customer):
    browser = customer.sign_in()
    assert browser.get("/signin/factor").headers["Location"] == "/area"
    assert browser.get("/signin/code").headers["Location"] == "/area"


# An unknown browser, where no factor is set.


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


def test_a_trusted_browser_signs_in_within_three_round_trips(
    customer, seed, visitor, django_assert_max_num_queries
):
    give(half_way(customer, visitor), app_code(seed), trust="on")
    visitor.post("/signout")
    with django_assert_max_num_queries(30) as seen:
        visitor.post("/signin", {"identifier": customer.handle, "password": PASSWORD})
    statements = [
        one["sql"]
        for one in seen.captured_queries
        if not one["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
    ]
    assert len(statements) <= (3 if is_postgresql() else 12), statements


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


def test_seeds_are_sealed_with_todays_secret_so_that_the_old_one_may_go(
    customer, seed, visitor, settings, monkeypatch
):
    monkeypatch.setattr(factors, "AT_ONCE", 1)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    PERIODIC["factors.renew_seeds"].run(now=timezone.now())
    settings.SECRET_KEY_FALLBACKS = []

    assert tokens.unseal(Totp.objects.get().seed, SEED) == seed
    assert give(half_way(customer, visitor), app_code(seed)).headers["Location"] == "/area"


def test_an_app_whose_secret_is_gone_does_not_break_the_others(customer, seed, visitor, settings):
    lost = Totp.objects.get()
    lost.pk, lost.seed, lost.seed_digest = None, tokens.seal("JBSWY3DPEHPK3PXP", SEED), "another"
    kept, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 50
    lost.seed = tokens.seal("JBSWY3DPEHPK3PXP", SEED)
    settings.SECRET_KEY = kept
    lost.save(force_insert=True)

    assert give(half_way(customer, visitor), app_code(seed)).headers["Location"] == "/area"


def test_recovery_codes_outlive_a_change_of_the_secret_and_are_not_counted_without_it(
    customer, visitor, settings
):
    _seed, codes = set_up_app(customer)
    first = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [first]
    assert factors_of(customer.account.pk).codes_left == 10
    answer = give(half_way(customer, visitor), codes[0], method="code")
    assert answer.headers["Location"] == "/area"

    settings.SECRET_KEY_FALLBACKS = []
    assert factors_of(customer.account.pk).codes_left == 0


def test_a_case_about_lost_factors_takes_them_all(customer, clock, visitor):
    set_up_app(customer)
    factors.remove_all(customer.account.pk)

    typed = {"identifier": customer.handle, "password": PASSWORD}
    assert customer.browser.post("/signin", typed).headers["Location"] == "/area"
    assert not RecoveryCode.objects.exists()


@pytest.fixture
def copied_key(customer, clock):
    """An account whose only key seems to have a copy, and no code left."""
    now = timezone.now()
    return SecurityKey.objects.create(
        account=customer.account,
        name="Key",
        credential_id="abcd",
        public_key=b"",
        sign_count=0,
        discoverable=False,
        user_verified=False,
        created_at=now - timedelta(days=30),
        copied_at=now,
    )


def test_with_no_factor_that_works_the_way_leads_to_the_procedure(customer, copied_key, visitor):
    half_way(customer, visitor)
    for answer in (visitor.get("/signin/factor"), give(visitor, "000000")):
        assert answer.status_code == 200
        assert f'href="{PROCEDURE}"' in answer.content.decode()


def test_nor_does_a_change_of_factors_break_without_one(customer, copied_key):
    SecurityKey.objects.all().delete()
    browser = customer.sign_in()
    copied_key.pk = None
    copied_key.save(force_insert=True)

    for address in ("/account/security/factors/codes", "/account/pause/factor"):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert f'href="{PROCEDURE}"' in answer.content.decode()


def test_who_lost_their_factors_finds_the_procedure(customer, seed, visitor):
    half_way(customer, visitor)
    page = visitor.get("/signin/factor").content.decode()
    assert re.search(rf'href="{PROCEDURE}">I no longer have any of them', page)


def test_a_factor_removed_meanwhile_is_no_crash_when_it_is_named(customer, seed, monkeypatch):
    browser = customer.sign_in(code=app_code(seed))
    app, own = Totp.objects.get(), factor_pages._own

    def removed_meanwhile(*args):
        found = own(*args)
        Totp.objects.all().delete()
        return found

    monkeypatch.setattr(factor_pages, "_own", removed_meanwhile)
    answer = browser.post(
        f"/account/security/factors/app/{app.pk}/name", {"name": "Phone"}, follow=True
    )
    assert answer.status_code == 200
    assert "This factor is no longer there." in answer.content.decode()


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
