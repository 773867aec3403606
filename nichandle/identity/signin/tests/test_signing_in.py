"""Signing in and out through the pages: who, at what cost, and nothing told to strangers."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.factors.models import Totp
from nichandle.identity.factors.operations import end_trust
from nichandle.identity.handles.operations import adopt
from nichandle.identity.signin.authentication import fast, operations
from nichandle.identity.signin.authentication.challenges import Halfway
from nichandle.identity.signin.credentials.password import CurrentPasswordWrong, change_password
from nichandle.identity.signin.models import KnownBrowser, Notices, Session
from nichandle.identity.signin.recognition import browsers, networks
from nichandle.identity.signin.sessions import ending
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import is_postgresql
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.hashers import CheapArgon2
from tests.support.people import PASSWORD, app_code, make_person, set_up_app
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["by one message", "under locks"])
def way(request, monkeypatch) -> str:
    """Either way in: what ``fast`` does at once, and what the rule does without it (ADR 11)."""
    monkeypatch.setattr(fast, "ENABLED", request.param == "by one message")
    return request.param


def attempt(browser: Client, identifier: str, password: str = PASSWORD, **more: str):
    return browser.post("/signin", {"identifier": identifier, "password": password, **more})


@pytest.mark.parametrize(
    "spelling",
    [
        lambda handle: handle,
        str.upper,
        lambda handle: handle.replace("-", ""),
        lambda handle: handle.partition("-")[0],
        lambda handle: f" {handle[:2]} {handle[2:5]} {handle[5:8]} {handle[8:]} ",
        lambda handle: handle.replace("0", "O").replace("1", "l"),
    ],
)
def test_the_identifier_opens_in_any_spelling(customer, visitor, spelling):
    answer = attempt(visitor, spelling(customer.handle))

    assert answer.headers["Location"] == "/area"
    page = visitor.get("/area").content.decode()
    assert "D. Mercier" in page
    assert re.sub("<[^>]+>", "", page).count(customer.handle) >= 2


@pytest.mark.parametrize("address", ["diane@example.org", " DIANE@Example.ORG "])
def test_the_primary_address_opens_too(customer, visitor, address):
    assert attempt(visitor, address).status_code == 302


def test_an_alias_opens(customer, visitor, now):
    adopt(text="DMER7-RIPE", now=now, alias_of=customer.account.handle)
    main = Account.objects.get(pk=customer.account.pk).handle
    adopt(text="OLD42-RIPE", now=now, alias_of=main)

    assert attempt(visitor, "old42 ripe").status_code == 302


def test_a_recovery_address_never_signs_in(customer, visitor, now):
    customer.account.recovery_addresses.create(
        address="spare@example.net", address_key="spare@example.net", added_at=now, proven_at=now
    )
    assert attempt(visitor, "spare@example.net").status_code == 422


def sentence(answer) -> str:
    return re.search(r'role="alert".*?<p>(.*?)</p>', answer.content.decode(), re.DOTALL)[1]


@pytest.mark.parametrize(
    "typed", ["zz999999-OVH", "nobody@example.org", "what?", "@", "x" * 200, "dm\u00e9"]
)
def test_the_unknown_gets_the_answer_of_a_wrong_password(customer, visitor, typed):
    wrong = attempt(visitor, customer.handle, "not the password at all")
    unknown = attempt(Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en"), typed)

    assert (unknown.status_code, sentence(unknown)) == (422, sentence(wrong))
    assert PASSWORD not in unknown.content.decode()


def test_only_who_was_refused_is_offered_the_link_that_opens_a_browser(customer, visitor):
    offer = 'href="/signin/open"'

    assert offer not in visitor.get("/signin").content.decode()
    assert offer not in attempt(visitor, "").content.decode()
    assert offer in attempt(visitor, customer.handle, "a guess").content.decode()


def test_known_and_unknown_cost_the_same_statements_and_one_hash(
    customer, monkeypatch, origin, now, django_assert_num_queries, django_assert_max_num_queries
):
    """Also where there are network rules: they are asked once the password was right."""
    hashes: list[str] = []

    class Counting(CheapArgon2):
        def verify(self, password: str, encoded: str) -> bool:
            hashes.append(encoded)
            return super().verify(password, encoded)

    monkeypatch.setattr(operations.passwords.hashing, "get_hasher", Counting)
    with django_assert_max_num_queries(8) as known:
        attempt(Client(HTTP_HOST="localhost"), customer.handle, "not the password at all")
    networks.set_default(account_id=customer.account.pk, allow_others=True, act=Act(origin, now))
    networks.add_rule(
        account_id=customer.account.pk,
        network="203.0.113.0/24",
        allowed=True,
        notice=False,
        act=Act(origin, now),
    )
    for typed in (customer.handle, customer.email, "zz999999-OVH", "nobody@example.org"):
        with django_assert_num_queries(len(known)):
            attempt(Client(HTTP_HOST="localhost"), typed, "not the password at all")
    assert len(hashes) == 5
    assert {encoded.split("$")[3] for encoded in hashes} == {"m=16,t=1,p=1"}


def test_signing_in_takes_three_round_trips_however_many_sessions(
    customer, django_assert_max_num_queries
):
    attempt(customer.browser, customer.handle)
    for _ in range(50):
        del customer.browser.cookies["session"]
        attempt(customer.browser, customer.handle)
    assert Session.objects.count() == 51
    del customer.browser.cookies["session"]
    with django_assert_max_num_queries(30) as seen:
        attempt(customer.browser, customer.handle)
    statements = without_transactions(seen)
    # On SQLite a round trip is a function call, and what goes together is counted apart.
    assert len(statements) <= (3 if is_postgresql() else 12), statements


def without_transactions(seen: CaptureQueriesContext) -> list[str]:
    transactions = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    statements = [one["sql"] for one in seen.captured_queries]
    return [one for one in statements if not one.startswith(transactions)]


def test_both_ways_in_leave_the_same_behind(customer, way):
    browser = customer.sign_in()
    browser.post("/signout")
    attempt(browser, customer.handle, "not the password at all")
    with CaptureQueriesContext(connection) as seen:
        attempt(browser, customer.handle, stay="on", next="/area")

    if is_postgresql():
        # What the longer way locks it reads again, before it opens the session.
        assert len(without_transactions(seen)) == (3 if way == "by one message" else 4)
    session = Session.objects.get()
    assert session.account == customer.account
    assert session.stays
    assert browser.get("/area").status_code == 200
    assert not Allowance.objects.exists(), "its own browser's failures are forgotten"
    assert KnownBrowser.objects.filter(account=customer.account).count() == 1
    entries = ledger.entries_of(customer.account.pk).rows
    assert next(iter(entries)).act == "signin.succeeded"
    assert ledger.prove(customer.account.pk)[1]


AWAY = "198.51.100.9"


def attempt_away(person, browser: Client | None = None):
    given = {"identifier": person.handle, "password": PASSWORD}
    return (browser or person.browser).post("/signin", given, REMOTE_ADDR=AWAY)


def test_a_sign_in_from_a_new_network_is_told_the_same_by_both_ways(customer, way, post):
    attempt(customer.browser, customer.handle)
    del customer.browser.cookies["session"]
    with CaptureQueriesContext(connection) as seen:
        answer = attempt_away(customer)

    assert answer.headers["Location"] == "/area"
    if is_postgresql():
        # How to write to its owner is asked between the hash and the session.
        assert len(without_transactions(seen)) == (4 if way == "by one message" else 6)
    (mail,) = notices()
    assert (mail.recipient, mail.handle) == (customer.email, customer.handle)
    assert (mail.language, mail.state, mail.origin_ip) == ("en", Mail.State.QUEUED, AWAY)
    assert (mail.account_id, mail.attempts, mail.last_error) == (customer.account.pk, 0, "")
    assert mail.context == {
        "new_browser": False,
        "new_network": True,
        "failures": 0,
        "time_zone": customer.account.time_zone,
    }
    assert mail.secret_names == ["not_me"]
    link = re.search(r"(/not-me/\S+)", text_of(post.last_to(customer.email)))
    assert Client(HTTP_HOST="localhost").get(link[1]).status_code == 200
    assert ledger.prove(customer.account.pk)[1]
    attempt_away(customer)
    assert len(notices()) == 1, "the network is known now"


def test_every_sign_in_is_told_by_both_ways_where_that_is_wanted(customer, way):
    attempt(customer.browser, customer.handle)
    Notices.objects.create(account_id=customer.account.pk)
    attempt(customer.browser, customer.handle)

    (mail,) = notices()
    assert not mail.context["new_browser"]
    assert not mail.context["new_network"]


def test_a_network_that_has_become_known_meanwhile_is_not_told_again(customer, monkeypatch):
    """As where the same browser signs in twice at once: who comes second finds it known."""
    attempt(customer.browser, customer.handle)
    original, other = fast.letterhead.reader, Client(HTTP_HOST="localhost")
    other.cookies["browser"] = customer.browser.cookies["browser"].value

    def first_the_other(account_id):
        monkeypatch.setattr(fast.letterhead, "reader", original)
        assert attempt_away(customer, other).headers["Location"] == "/area"
        return original(account_id)

    monkeypatch.setattr(fast.letterhead, "reader", first_the_other)
    assert attempt_away(customer).headers["Location"] == "/area"
    assert len(notices()) == 1
    assert ledger.prove(customer.account.pk)[1]


def test_the_mail_goes_to_the_address_that_is_the_accounts_when_the_session_opens(
    customer, monkeypatch
):
    attempt(customer.browser, customer.handle)
    original = fast.letterhead.reader

    def then_the_address_changes(account_id):
        found = original(account_id)
        Account.objects.filter(pk=account_id).update(email="new@example.org")
        return found

    monkeypatch.setattr(fast.letterhead, "reader", then_the_address_changes)
    assert attempt_away(customer).headers["Location"] == "/area"
    assert [mail.recipient for mail in notices()] == ["new@example.org"]


def test_a_page_of_the_area_reads_the_session_in_one_statement(customer, django_assert_num_queries):
    browser = customer.sign_in()
    with django_assert_num_queries(1):
        assert browser.get("/area/identifier").status_code == 200


def test_every_sign_in_begins_a_session_under_a_new_key(customer, visitor):
    attempt(visitor, customer.handle)
    first = visitor.cookies["session"].value
    attempt(visitor, customer.handle)
    second = visitor.cookies["session"].value

    assert first != second
    assert Session.objects.count() == 1, "the browser's session before has ended"
    thief = Client(HTTP_HOST="localhost")
    thief.cookies["session"] = first
    assert thief.get("/area").status_code == 302


def test_a_planted_key_is_worth_nothing(customer, visitor):
    visitor.cookies["session"] = "planted by somebody else"
    attempt(visitor, customer.handle)

    assert visitor.cookies["session"].value != "planted by somebody else"


def test_the_database_does_not_hold_the_key(customer):
    browser = customer.sign_in()
    key = browser.cookies["session"].value

    assert key not in str(Session.objects.values())
    assert len(key) >= 43


def test_signing_out_ends_the_session_on_our_side(customer):
    browser = customer.sign_in()
    key = browser.cookies["session"].value
    assert browser.post("/signout").headers["Location"] == "/signin"

    browser.cookies["session"] = key
    assert browser.get("/area").headers["Location"] == "/signin?next=%2Farea"
    acts = [entry.act for entry in ledger.entries_of(customer.account.pk).rows]
    assert acts[:2] == ["signin.signed_out", "signin.succeeded"]


def test_signing_out_twice_is_harmless(customer):
    browser = customer.sign_in()
    browser.post("/signout")
    assert browser.post("/signout").status_code == 302


def test_a_session_ends_after_thirty_idle_minutes(customer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        for _ in range(3):
            clock.shift(timedelta(minutes=29))
            assert browser.get("/area").status_code == 200
        clock.shift(timedelta(minutes=30))
        ended = browser.get("/area")
    assert ended.headers["Location"] == "/signin?next=%2Farea"
    assert ended.cookies["session"].value == ""


def test_staying_signed_in_lasts_fourteen_idle_days_and_thirty_in_all(customer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        attempt(customer.browser, customer.handle, stay="on")
        assert customer.browser.cookies["session"]["expires"]
        clock.shift(timedelta(days=13))
        assert customer.browser.get("/area").status_code == 200
        clock.shift(timedelta(days=13))
        assert customer.browser.get("/area").status_code == 200
        clock.shift(timedelta(days=4))
        assert customer.browser.get("/area").status_code == 302


def test_how_long_sessions_last_is_the_operators_choice(customer, settings):
    settings.NICHANDLE_SESSION_STAY_DAYS = timedelta(days=2)
    settings.NICHANDLE_SESSION_LONGEST_DAYS = timedelta(days=3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for days in ((2,), (1, 1, 1)):
            attempt(customer.browser, customer.handle, stay="on")
            for each in days[:-1]:
                clock.shift(timedelta(days=each))
                assert customer.browser.get("/area").status_code == 200
            clock.shift(timedelta(days=days[-1]))
            assert customer.browser.get("/area").status_code == 302


@pytest.mark.parametrize("path", ["/signin", "/signup", "/account/password"])
def test_every_field_of_a_password_is_masked(customer, path):
    browser = customer.sign_in() if path.startswith("/account") else Client(HTTP_HOST="localhost")
    page = browser.get(path).content.decode()

    fields = re.findall(r'<input[^>]+autocomplete="(?:current|new)-password"[^>]*>', page)
    assert fields
    assert all('type="password"' in field for field in fields)
    assert not any("onpaste" in field for field in fields)


def test_who_is_not_signed_in_reads_times_of_the_operators_place(visitor, settings):
    settings.NICHANDLE_TIME_ZONE = "America/Montreal"
    visitor.get("/signin")
    assert timezone.get_current_timezone_name() == "America/Montreal"


def test_the_last_use_is_written_once_a_minute_at_most(customer, django_assert_num_queries):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        with django_assert_num_queries(1):
            browser.get("/area/identifier")
        clock.shift(timedelta(seconds=61))
        with django_assert_num_queries(2):
            browser.get("/area/identifier")


def test_after_signing_in_one_is_where_one_wanted_to_go(customer, visitor):
    asked = visitor.get("/account/edit")
    assert asked.headers["Location"] == "/signin?next=%2Faccount%2Fedit"
    assert (
        attempt(visitor, customer.handle, next="/account/edit").headers["Location"]
        == "/account/edit"
    )


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "foo",
        "area:home",
        "?a=1",
        "#x",
        "é",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(customer, visitor, foreign):
    assert attempt(visitor, customer.handle, next=foreign).headers["Location"] == "/area"


@pytest.mark.parametrize("wanted", ["/é", "/contacts?after=1&b=é#x", "/%C3%A9"])
def test_a_page_of_ours_is_gone_to_however_it_is_written(customer, visitor, wanted):
    answer = attempt(visitor, customer.handle, next=wanted)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert answer.headers["Location"] != "/area"


@pytest.mark.parametrize("path", ["/area", "/account/security", "/account/sessions"])
def test_pages_that_tell_of_sessions_read_no_more_where_there_are_many(customer, path):
    browser, now = customer.sign_in(), timezone.now()

    def cost() -> tuple[int, int]:
        made = []

        def count(execute, sql, params, many, context):
            result = execute(sql, params, many, context)
            if "signin_session" in sql and "LIMIT" in sql:
                made.append(sql)
            return result

        with CaptureQueriesContext(connection) as seen, connection.execute_wrapper(count):
            assert browser.get(path).status_code == 200
        return len(seen), len(made)

    few = cost()
    Session.objects.bulk_create(
        Session(
            key_digest=f"digest{number}",
            account=customer.account,
            created_at=now,
            last_used_at=now,
            expires_at=now + timedelta(days=1),
            idle_seconds=1800,
            fresh_at=now,
        )
        for number in range(500)
    )
    assert cost() == few
    assert few[1] == 1, "the sessions are read by one bounded statement"


def test_sessions_that_ended_by_idleness_are_cleared(customer, now):
    customer.sign_in()
    for hours, cleared in ((23, 0), (25, 1)):
        assert ending.clear_ended(now=timezone.now() + timedelta(hours=hours)) == cleared


def test_a_stolen_or_made_up_browser_secret_is_worth_nothing_elsewhere(customer, stranger, visitor):
    attempt(stranger.browser, stranger.handle)
    visitor.cookies["browser"] = stranger.browser.cookies["browser"].value
    for _ in range(5):
        attempt(visitor, customer.handle, "guess")
    visitor.cookies["browser"] = "made up"

    assert attempt(visitor, customer.handle).status_code == 429


def test_a_success_is_in_the_ledger_with_network_and_browser(customer):
    customer.sign_in()
    entry = ledger.entries_of(customer.account.pk).rows[0]

    assert entry.act == "signin.succeeded"
    assert ledger.details_of(entry)["ip"] == "127.0.0.1"


def test_a_closed_account_is_unknown(customer, visitor):
    Account.objects.filter(pk=customer.account.pk).update(state="closed", email_key=None)
    assert attempt(visitor, customer.handle).status_code == 422


def test_the_sessions_of_a_closed_account_open_nothing(customer):
    browser = customer.sign_in()
    Account.objects.filter(pk=customer.account.pk).update(state="closed", email_key=None)
    assert browser.get("/area").headers["Location"] == "/signin?next=%2Farea"


def test_an_ambiguous_identifier_is_unknown(visitor, now):
    with_suffix, without = make_person("a@example.org"), make_person("b@example.org")
    one = adopt(text="dm1234-OVH", now=now)
    other = adopt(text="dm1234", now=now)
    Account.objects.filter(pk=with_suffix.account.pk).update(handle=one)
    Account.objects.filter(pk=without.account.pk).update(handle=other)

    assert attempt(visitor, "dm1234").status_code == 422
    assert attempt(visitor, "dm1234-OVH").status_code == 302


def test_forms_from_other_sites_are_refused(customer):
    strict = Client(HTTP_HOST="localhost", enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")
    answer = attempt(strict, customer.handle)

    assert answer.status_code == 403
    assert "no longer valid" in answer.content.decode()


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


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def notices() -> list[Mail]:
    return list(Mail.objects.filter(template="signin/mail/new_place").order_by("pk"))


def test_the_first_sign_in_is_compared_with_nothing_and_the_same_browser_is_known(customer):
    attempt(customer.browser, customer.handle)
    customer.browser.post("/signout")
    attempt(customer.browser, customer.handle)

    assert notices() == []


def test_a_new_browser_is_told_by_mail_with_identifier_time_network_and_browser(customer, post):
    attempt(customer.browser, customer.handle)
    customer.sign_in(Client(HTTP_HOST="localhost", HTTP_USER_AGENT=FIREFOX))

    mail = post.last_to(customer.email)
    assert mail["Subject"] == f"[{customer.handle}] New sign-in to your account"
    for words in ("a browser we had not seen", "Firefox 145, Linux", "127.0.0.1", customer.handle):
        assert words in text_of(mail)
    assert len(notices()) == 1


def test_a_new_network_of_a_known_browser_is_told_too(customer, post):
    attempt(customer.browser, customer.handle)
    customer.browser.post(
        "/signin",
        {"identifier": customer.handle, "password": PASSWORD},
        REMOTE_ADDR="198.51.100.9",
    )

    assert "a network we had not seen" in text_of(post.last_to(customer.email))
    customer.browser.post(
        "/signin",
        {"identifier": customer.handle, "password": PASSWORD},
        REMOTE_ADDR="198.51.100.77",
    )
    assert len(notices()) == 1, "the same neighbourhood is the same network"


def test_a_failed_sign_in_makes_no_browser_known(customer):
    attempt(customer.browser, customer.handle)
    other = Client(HTTP_HOST="localhost", HTTP_USER_AGENT=FIREFOX)
    attempt(other, customer.handle, "wrong")
    assert "browser" not in other.cookies
    half = attempt(other, customer.handle)
    assert half.headers["Location"].startswith("/signin/code")
    assert "browser" not in other.cookies, "nor does half a sign-in"
    customer.sign_in(other)
    assert len(notices()) == 1


def test_a_browser_known_to_one_account_is_new_to_another(customer, stranger):
    attempt(customer.browser, customer.handle)
    attempt(stranger.browser, stranger.handle)
    stranger.sign_in(customer.browser)

    assert [mail.recipient for mail in notices()] == [stranger.email]


def test_a_wrong_present_password_leaves_its_count(customer, origin, now):
    with pytest.raises(CurrentPasswordWrong):
        change_password(
            account_id=customer.account.pk,
            current="a guess",
            new="carafe violette sur le quai",
            key="",
            act=Act(origin, now),
        )

    counts = dict(Allowance.objects.values_list("name", "count"))
    assert counts == {"password.change": 1, "guess.password": 1}


@pytest.mark.parametrize(
    "wanted",
    ["foo", "home", "area:home", "?a=1", "#x", "é", "/\\evil", "//localhost/area", "./area"],
)
def test_what_is_no_whole_path_leads_home(wanted, customer, visitor):
    first = attempt(customer.browser, customer.handle, next=wanted)
    assert (first.status_code, first.headers["Location"]) == (302, "/area")
    assert customer.browser.get("/signin", {"next": wanted}).headers["Location"] == "/area"
    spoken = visitor.post("/language", {"language": "fr", "next": wanted})
    assert (spoken.status_code, spoken.headers["Location"]) == (302, "/")


def test_a_whole_path_is_kept(customer):
    first = attempt(customer.browser, customer.handle, next="/account/ledger?kind=signin")
    assert first.headers["Location"] == "/account/ledger?kind=signin"


def test_a_wrong_present_password_stands_in_the_ledger(customer):
    browser = customer.sign_in()
    browser.post(
        "/account/password", {"current": "wrong", "password": "carafe violette sur le quai"}
    )
    assert next(iter(ledger.entries_of(customer.account.pk).rows)).act == "password.current_wrong"


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
