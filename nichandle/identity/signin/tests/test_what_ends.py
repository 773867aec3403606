"""What ends, for whom, and what stays: each time with somebody else beside, to the last second."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.test import Client
from django.utils import timezone

from nichandle.identity.factors.models import TrustedBrowser
from nichandle.identity.factors.operations import trust
from nichandle.identity.signin import jobs
from nichandle.identity.signin.authentication import challenges, openings, second_step
from nichandle.identity.signin.authentication.challenges import StepGone
from nichandle.identity.signin.credentials.password import (
    CurrentPasswordWrong,
    PasswordUnchanged,
    change_password,
)
from nichandle.identity.signin.models import (
    Challenge,
    KnownBrowser,
    OpenedBrowser,
    Opening,
    Session,
)
from nichandle.identity.signin.recognition import browsers
from nichandle.identity.signin.sessions import ending
from nichandle.identity.signin.sessions.opening import Visit, open_session
from nichandle.identity.signin.sessions.store import SessionStore
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, app_code, set_up_app
from tests.support.post import waiting_code

pytestmark = pytest.mark.django_db
NEW = "carafe violette sur le quai"
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as travelling:
        yield travelling


def a_browser(**more: str) -> Client:
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en", **more)


def acts(person) -> list[str]:
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


def key_of(browser: Client) -> str:
    return browser.cookies["session"].value


def session_of(browser: Client) -> Session:
    return Session.objects.get(key_digest=tokens.digest(key_of(browser)))


def half_way(person, browser: Client) -> Client:
    browser.post("/signin", {"identifier": person.handle, "password": PASSWORD})
    return browser


# One's sessions.


def test_one_session_is_ended_and_no_other_of_ones_own_or_of_anybodys(customer, stranger, origin):
    here, there, other = customer.sign_in(), customer.sign_in(a_browser()), stranger.sign_in()
    act = Act(origin, timezone.now())
    ended = session_of(there).pk

    assert not ending.end_session(account_id=stranger.account.pk, session_id=ended, act=act), (
        "not by somebody else"
    )
    assert there.get("/area").status_code == 200
    assert ending.end_session(account_id=customer.account.pk, session_id=ended, act=act)

    assert there.get("/area").status_code == 302
    assert here.get("/area").status_code == 200
    assert other.get("/area").status_code == 200
    assert acts(customer)[0] == "signin.session_ended"
    assert not ending.end_session(account_id=customer.account.pk, session_id=ended, act=act)
    assert acts(customer).count("signin.session_ended") == 1


def test_all_others_end_with_their_trust_and_what_is_half_done(customer, stranger, origin):
    act = Act(origin, timezone.now())
    here, there, other = customer.sign_in(), customer.sign_in(a_browser()), stranger.sign_in()
    for person in (customer, stranger):
        half_way(person, a_browser())
        trust(person.account.pk, browser="theirs", act=act)

    ended = ending.end_others(
        account_id=customer.account.pk,
        key=key_of(here),
        browser=here.cookies["browser"].value,
        act=act,
    )

    assert ended == 1
    assert [one.get("/area").status_code for one in (here, there, other)] == [200, 302, 200]
    for rows in (Challenge, TrustedBrowser):
        assert [row.account_id for row in rows.objects.all()] == [stranger.account.pk]
    last = next(iter(ledger.entries_of(customer.account.pk).rows))
    assert (last.act, ledger.details_of(last)["count"]) == ("signin.others_ended", 1)


def test_what_ends_everything_ends_nothing_of_somebody_else(customer, stranger, origin):
    act, now = Act(origin, timezone.now()), timezone.now()
    mine, other = customer.sign_in(), stranger.sign_in()
    for person in (customer, stranger):
        half_way(person, a_browser())
        trust(person.account.pk, browser="theirs", act=act)
        Opening.objects.create(
            account=person.account, digest=person.handle, expires_at=now + A_SECOND
        )

    ending.end_all(account_id=customer.account.pk)

    assert mine.get("/area").status_code == 302
    assert other.get("/area").status_code == 200
    for rows in (Session, Challenge, TrustedBrowser, Opening):
        assert [row.account_id for row in rows.objects.all()] == [stranger.account.pk]


def test_sessions_of_several_accounts_end_but_the_one_that_is_kept(customer, contact, stranger):
    kept, mine = customer.sign_in(), customer.sign_in(a_browser())
    theirs, other = contact.sign_in(), stranger.sign_in()
    for person in (customer, contact, stranger):
        half_way(person, a_browser())

    ending.end_sessions([customer.account.pk, contact.account.pk], keep=key_of(kept))

    answers = [one.get("/area").status_code for one in (kept, mine, theirs, other)]
    assert answers == [200, 302, 302, 200]
    assert [row.account_id for row in Challenge.objects.all()] == [stranger.account.pk]


def test_a_session_is_touched_forwards_alone(customer):
    row = session_of(customer.sign_in())
    later = row.last_used_at + timedelta(minutes=1)
    ending.touch(row.pk, now=later)
    ending.touch(row.pk, now=row.last_used_at)

    row.refresh_from_db()
    assert row.last_used_at == later


# What the worker clears.


def age_of(row, name: str, at: datetime) -> None:
    type(row).objects.filter(pk=row.pk).update(**{name: at})


@pytest.mark.parametrize(
    ("stay", "lasts"), [(False, timedelta(days=1)), (True, timedelta(days=14))]
)
def test_idle_sessions_are_cleared_after_their_time_and_not_before(customer, stay, lasts):
    now = timezone.now()
    open_session(account_id=customer.account.pk, stay=stay, act=Act.by_itself(now))

    assert ending.clear_ended(now=now + lasts) == 0
    assert ending.clear_ended(now=now + lasts + A_SECOND) == 1


def test_a_session_in_use_is_cleared_at_its_absolute_end(customer):
    now = timezone.now()
    open_session(account_id=customer.account.pk, stay=True, act=Act.by_itself(now))
    row = Session.objects.get()
    age_of(row, "last_used_at", row.expires_at)

    assert ending.clear_ended(now=row.expires_at) == 0
    assert ending.clear_ended(now=row.expires_at + A_SECOND) == 1


def test_browsers_are_forgotten_after_a_year_links_after_a_week(customer):
    now = timezone.now()
    customer.sign_in()
    known = KnownBrowser.objects.get()
    opened = OpenedBrowser.objects.create(account=customer.account, digest="o", until=now)
    link = Opening.objects.create(account=customer.account, digest="l", expires_at=now)
    there = lambda row: type(row).objects.filter(pk=row.pk).exists()  # noqa: E731 - one word

    jobs.clear_ended(now=now)
    assert all(there(row) for row in (known, opened, link))
    jobs.clear_ended(now=now + A_SECOND)
    assert not there(opened)
    jobs.clear_ended(now=now + timedelta(days=7))
    assert there(link)
    jobs.clear_ended(now=now + timedelta(days=7, seconds=1))
    assert not there(link)
    jobs.clear_ended(now=known.last_at + timedelta(days=365))
    known.refresh_from_db()
    assert known.digest != browsers.FORGOTTEN
    jobs.clear_ended(now=known.last_at + timedelta(days=365, seconds=1))
    known.refresh_from_db()
    assert known.digest == browsers.FORGOTTEN, "that there was one is kept"


def test_half_a_sign_in_ends_once_by_the_worker_and_its_owner_is_told_once(customer, clock):
    set_up_app(customer, days_ago=30)
    half_way(customer, a_browser())
    clock.shift(timedelta(minutes=10) - A_SECOND)
    jobs.end_half_done(now=timezone.now())
    assert Challenge.objects.exists()
    found = Challenge.objects.get()
    clock.shift(A_SECOND)
    jobs.end_half_done(now=timezone.now())

    # Another worker had seen it too.
    challenges._end(found, now=timezone.now())

    assert not Challenge.objects.exists()
    assert acts(customer).count("signin.half_finished") == 1
    assert Mail.objects.filter(template="signin/mail/half_finished").count() == 1


# Half a sign-in that can go on no longer.


def test_a_code_is_not_sent_again_where_a_factor_is_asked(customer, clock, origin):
    set_up_app(customer, days_ago=30)
    browser = half_way(customer, a_browser())

    answer = browser.post("/signin/code/again")

    assert answer.headers["Location"].startswith("/signin?")
    assert not Mail.objects.filter(template="signin/mail/code").exists()
    with pytest.raises(StepGone):
        challenges.send_again("nobody's", to=None, act=Act(origin, timezone.now()))


def test_a_factor_set_up_meanwhile_is_not_passed_by_with_a_mailed_code(customer, clock):
    customer.sign_in()
    browser = half_way(customer, a_browser())
    code = waiting_code("signin/mail/code", customer.email)
    kept = Challenge.objects.get()
    set_up_app(customer)
    kept.save(force_insert=not Challenge.objects.filter(pk=kept.pk).exists())

    answer = browser.post("/signin/code", {"code": code})

    assert answer.headers["Location"].startswith("/signin?")
    assert browser.get("/area").status_code == 302


def test_a_mailed_code_does_not_stand_for_a_factor_in_its_own_step(customer, clock, origin):
    """Nor a factor's code where a mailed one is asked: each step takes its own proof."""
    seed, _codes = set_up_app(customer, days_ago=30)
    browser = half_way(customer, a_browser())
    secret = browser.cookies["step"].value
    visit = Visit(origin, timezone.now())

    with pytest.raises(StepGone):
        second_step.give_code(secret, app_code(seed), visit)
    assert Challenge.objects.get().wrong == 0


def test_finishing_a_sign_in_leaves_that_of_somebody_else(customer, stranger, clock):
    for person in (customer, stranger):
        person.sign_in()
    mine, other = half_way(customer, a_browser()), half_way(stranger, a_browser())
    mine.post("/signin/code", {"code": waiting_code("signin/mail/code", customer.email)})

    assert [row.account_id for row in Challenge.objects.all()] == [stranger.account.pk]
    other.post("/signin/code", {"code": waiting_code("signin/mail/code", stranger.email)})
    assert other.get("/area").status_code == 200


# A new password.


def change(person, origin, **more):
    given = {"current": PASSWORD, "new": NEW, "key": key_of(person.browser)} | more
    change_password(account_id=person.account.pk, act=Act(origin, timezone.now()), **given)


def test_the_same_password_is_no_new_one(customer, origin):
    customer.sign_in()
    with pytest.raises(PasswordUnchanged):
        change(customer, origin, new=PASSWORD)


def test_a_change_ends_ones_own_other_sessions_and_trust_alone(customer, stranger, origin):
    here, there, other = customer.sign_in(), customer.sign_in(a_browser()), stranger.sign_in()
    act = Act(origin, timezone.now())
    for person in (customer, stranger):
        half_way(person, a_browser())
        trust(person.account.pk, browser="theirs", act=act)

    change(customer, origin, browser=here.cookies["browser"].value)

    assert [one.get("/area").status_code for one in (here, there, other)] == [200, 302, 200]
    for rows in (Challenge, TrustedBrowser):
        assert [row.account_id for row in rows.objects.all()] == [stranger.account.pk]
    visit = Visit(origin, timezone.now())
    for person, known in ((customer, here), (stranger, other)):
        browser = known.cookies["browser"].value
        assert browsers.seen(person.account.pk, browser=browser, act=visit).browser
    lost = there.cookies["browser"].value
    assert not browsers.seen(customer.account.pk, browser=lost, act=visit).browser
    assert acts(customer)[0] == "password.changed"
    told = Mail.objects.filter(template="signin/mail/password_changed")
    assert [mail.recipient for mail in told] == [customer.email]


def test_a_password_changed_meanwhile_is_no_wrong_guess(customer, origin, monkeypatch):
    customer.sign_in()
    monkeypatch.setattr(
        "nichandle.identity.signin.credentials.password.credentials.lock_credential",
        lambda _found: False,
    )
    with pytest.raises(CurrentPasswordWrong) as refused:
        change(customer, origin)

    assert not refused.value.counted
    assert "password.current_wrong" not in acts(customer)


# A link that opens a browser.


def test_a_link_used_while_its_page_was_open_opens_once(customer, visitor, origin):
    now = timezone.now()
    minted = tokens.mint()
    Opening.objects.create(
        account=customer.account, digest=minted.digest, expires_at=now + timedelta(hours=1)
    )
    act = Act(origin, now)
    openings.use(secret=minted.secret, browser=None, act=act)

    with pytest.raises(openings.OpeningNotValid):
        openings.use(secret=minted.secret, browser=None, act=act)
    assert acts(customer).count("signin.browser_opened") == 1


def test_links_of_some_accounts_are_voided_and_of_others_not(customer, stranger):
    now = timezone.now()
    secrets = {}
    for person in (customer, stranger):
        minted = tokens.mint()
        secrets[person.handle] = minted.secret
        Opening.objects.create(
            account=person.account, digest=minted.digest, expires_at=now + timedelta(hours=1)
        )

    openings.void([customer.account.pk], now=now)

    assert not openings.works(secrets[customer.handle], now=now)
    assert openings.works(secrets[stranger.handle], now=now)


# Django's interface of sessions.


def test_what_is_kept_in_a_session_is_its_own_and_ends_with_it(customer, stranger):
    mine, other = customer.sign_in(), stranger.sign_in()
    store = SessionStore(key_of(mine))
    store["word"] = "tea"
    store.save()

    assert SessionStore(key_of(mine))["word"] == "tea"
    assert "word" not in SessionStore(key_of(other))
    assert "word" not in SessionStore("made up")
    assert store.exists(key_of(mine))
    assert not store.exists("made up")
    SessionStore(key_of(mine)).delete()
    assert mine.get("/area").status_code == 302
    assert other.get("/area").status_code == 200
    assert "word" not in SessionStore(key_of(mine))
    with pytest.raises(UpdateError):
        store.save()


def test_a_session_that_ended_by_idleness_keeps_nothing_for_anybody(customer, clock):
    browser = customer.sign_in()
    store = SessionStore(key_of(browser))
    store["word"] = "tea"
    store.save()
    clock.shift(timedelta(minutes=31))

    assert "word" not in SessionStore(key_of(browser))


def test_only_signing_in_makes_a_session(db):
    store = SessionStore()
    store["word"] = "tea"
    store.save()
    for begin in (store.create, lambda: store.save(must_create=True)):
        with pytest.raises(CreateError):
            begin()
    store.delete()

    assert not Session.objects.exists()


def test_expired_sessions_are_cleared_by_djangos_own_command_too(customer):
    now = timezone.now()
    for _ in range(2):
        open_session(account_id=customer.account.pk, stay=True, act=Act.by_itself(now))
    first = Session.objects.earliest("pk")
    age_of(first, "expires_at", now - timedelta(days=1, minutes=1))
    age_of(Session.objects.latest("pk"), "expires_at", now - timedelta(hours=23))

    SessionStore.clear_expired()

    assert Session.objects.exists()
    assert not Session.objects.filter(pk=first.pk).exists()
