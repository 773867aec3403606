"""Whose failures count where: growing delays, a hundred at most, and never against the owner."""

import random
import re
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nichandle.identity.accounts import passwords
from nichandle.identity.signin.authentication import operations
from nichandle.identity.signin.models import Failures
from nichandle.identity.signin.sessions import ending
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit.models import Entry
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits import delays
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD
from tests.support.post import text_of
from tests.support.worker import work

pytestmark = pytest.mark.django_db
LINK = re.compile(r"/signin/open/\S+")
OPEN = {"meaning": "open"}
UNKNOWN = "zz999999-OVH"


def attempt(browser: Client, identifier: str, password: str = "wrong", **more: str):
    return browser.post("/signin", {"identifier": identifier, "password": password})


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def strangers_fail(identifier: str, times: int, clock) -> None:
    """Fail through the page as often as the waits allow, from many networks."""
    for number in range(times):
        answer = attempt(
            Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.{number}.9"), identifier
        )
        assert answer.status_code == 422, number
        clock.shift(delays.LONGEST)


def strangers_have_failed(identifier: str, times: int, clock) -> None:
    """Leave what so many failures leave, but for the last without a page."""
    for number in range(times - 1):
        with pytest.raises(operations.SigninFailed):
            operations.sign_in(
                identifier=identifier,
                password="wrong",
                stay=False,
                visit=Visit(Origin(f"198.51.{number}.9", ""), timezone.now()),
            )
        clock.shift(delays.LONGEST)
    strangers_fail(identifier, 1, clock)


def test_failures_without_a_page_leave_what_those_of_the_page_leave(customer, contact, clock):
    strangers_fail(customer.handle, 7, clock)
    strangers_have_failed(contact.handle, 7, clock)

    allowances = Allowance.objects.filter(name__startswith="signin.").values_list("name", "count")
    of_both = Counter(allowances.exclude(name="signin.network"))
    assert of_both == {("signin.account", 7): 2, ("signin.typed", 7): 2}
    counted = Counter(Failures.objects.values_list("account_id", "hour__hour", "count"))
    mine, theirs = (
        sum(count for whose, _hour, count in counted if whose == person.account.pk)
        for person in (customer, contact)
    )
    assert mine == theirs == 7


def test_some_mistakes_cost_nothing_then_each_waits_longer(customer, visitor, clock):
    waits = []
    for number in range(1, 13):
        assert attempt(visitor, customer.handle).status_code == 422, number
        refused = attempt(visitor, customer.handle, PASSWORD)
        waits.append(int(refused.headers.get("Retry-After", 0)))
        if refused.status_code == 302:
            waits[-1] = 0
            visitor.cookies.clear()
        clock.shift(delays.after(number))

    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:] == [30, 60, 120, 240, 480, 900, 900, 900]


@pytest.mark.parametrize("failures", [1, 3])
def test_a_success_forgets_the_failures_of_its_own_browser(customer, failures):
    """Whether it is quick, or takes longer because the failures are worth a mail."""
    browser = customer.sign_in()
    browser.post("/signout")
    for _ in range(failures):
        assert attempt(browser, customer.handle).status_code == 422
    own = Allowance.objects.filter(name="signin.browser")
    assert own.get().count == failures

    assert attempt(browser, customer.handle, PASSWORD).status_code == 302
    assert not own.exists()


def test_the_unknown_waits_the_same_and_costs_the_same(customer, clock):
    """Status, wait and number of statements, try for try."""
    seen = {}
    for typed in (customer.handle, UNKNOWN):
        browser, answers = Client(HTTP_HOST="localhost"), []
        for number in range(1, 9):
            with CaptureQueriesContext(connection) as queries:
                answer = attempt(browser, typed)
            answers.append((answer.status_code, answer.headers.get("Retry-After"), len(queries)))
            if number % 2:
                clock.shift(delays.after(number))
        seen[typed] = answers
    assert seen[customer.handle] == seen[UNKNOWN]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("kind", ["identifier", "address"])
def test_all_spellings_share_one_wait_whether_anybody_is_called_so(known, kind, customer, clock):
    """Otherwise six tries with two spellings would tell who is a customer."""
    handle = customer.handle if known else UNKNOWN
    email = customer.email if known else "nobody@example.org"
    spellings = {
        "identifier": [handle, handle.lower(), handle[:8], f" {handle} ", handle.replace("0", "O")],
        "address": [email, email.upper(), f" {email}", email.title(), email],
    }[kind]
    for typed in spellings:
        assert attempt(Client(HTTP_HOST="localhost"), typed).status_code == 422
    for typed in spellings:
        assert attempt(Client(HTTP_HOST="localhost"), typed, PASSWORD).status_code == 429


@pytest.mark.parametrize("known", [True, False])
def test_what_finds_another_account_has_a_wait_of_its_own(known, customer, clock):
    """An accent makes another address, and so it does of an unknown one."""
    email = customer.email if known else "nobody@example.org"
    for _ in range(5):
        attempt(Client(HTTP_HOST="localhost"), email)

    accented = email.replace("e", "é").replace("o", "ó")
    assert attempt(Client(HTTP_HOST="localhost"), accented).status_code == 422


def test_nobody_learns_which_address_an_identifier_has_by_waiting(customer, visitor):
    for _ in range(5):
        attempt(visitor, customer.handle)

    assert attempt(visitor, customer.handle).status_code == 429
    assert attempt(visitor, customer.email).status_code == 422


def test_a_hundred_failures_by_any_name_close_the_password(customer, visitor, post, clock):
    strangers_fail(customer.handle, 50, clock)
    strangers_fail(customer.email, 50, clock)

    closed = attempt(visitor, customer.handle[:8], PASSWORD)
    assert closed.status_code == 422
    assert "The identifier or the password is not right" in closed.content.decode()
    assert 'href="/signin/open"' in closed.content.decode()
    visitor.post("/signin/open", {"typed": customer.handle})
    work()
    link = LINK.search(text_of(post.last_to(customer.email)))
    assert link
    visitor.post(link[0], OPEN)
    assert attempt(visitor, customer.handle, PASSWORD).status_code == 302


def test_a_closed_account_does_not_tell_its_other_names(customer, clock, monkeypatch):
    """A hundred failures on an identifier, and its address would have been known at once."""
    hashes = []
    decoy = passwords.decoy
    monkeypatch.setattr(passwords, "decoy", lambda typed: hashes.append(decoy(typed)))
    strangers_have_failed(customer.handle, 100, clock)
    seen = []
    for typed in (customer.email, "nobody@example.org"):
        hashes.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = attempt(Client(HTTP_HOST="localhost"), typed, PASSWORD)
        page = re.sub(r'value="[^"]*"|data-key-options="[^"]*"', "", answer.content.decode())
        seen.append((answer.status_code, len(queries), len(hashes), page))

    assert seen[0] == seen[1]
    assert seen[0][:3] == (422, seen[0][1], 1)
    assert Allowance.objects.get(name="signin.account", count=101)


@pytest.mark.long
def test_a_thousand_failures_of_strangers_never_lock_the_owners_browser(customer, clock, long):
    """The identifier is printed on every invoice: this is what anybody can do with it."""
    owner = customer.sign_in()
    owner.post("/signout")
    fail = strangers_fail if long else strangers_have_failed
    fail(customer.handle, 100, clock)
    for number in range(900 if long else 40):
        browser = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"192.0.{number % 250}.{number // 250}")
        assert attempt(browser, customer.handle, PASSWORD).status_code == 429

    assert attempt(owner, customer.handle, PASSWORD).status_code == 302


def test_a_hundred_failures_close_the_password_and_a_mailed_link_opens_one_browser(
    customer, visitor, post, clock
):
    strangers_have_failed(customer.handle, 100, clock)
    clock.shift(timedelta(days=2))
    closed = attempt(visitor, customer.handle, PASSWORD)
    assert closed.status_code == 429
    assert "the password is closed to new browsers" in closed.content.decode()
    assert "/signin/open" in closed.content.decode()
    visitor.post("/signin/open", {"typed": customer.handle})
    work()
    link = LINK.search(text_of(post.last_to(customer.email)))
    assert link
    for _ in range(3):
        assert visitor.get(link[0]).status_code == 200
    assert attempt(visitor, customer.handle, PASSWORD).status_code == 429

    visitor.post(link[0], OPEN)

    other = Client(HTTP_HOST="localhost")
    assert attempt(other, customer.handle, PASSWORD).status_code == 429
    assert other.post(link[0]).status_code == 410
    assert attempt(visitor, customer.handle, PASSWORD).status_code == 302
    assert visitor.get("/area").status_code == 200


def test_an_opened_browser_is_open_for_an_hour(customer, visitor, post, clock):
    strangers_have_failed(customer.handle, 100, clock)
    visitor.post("/signin/open", {"typed": customer.handle})
    work()
    link = LINK.search(text_of(post.last_to(customer.email)))
    assert link
    clock.shift(timedelta(hours=1) - timedelta(seconds=1))
    visitor.post(link[0], OPEN)
    clock.shift(timedelta(hours=1) - timedelta(seconds=1))
    assert attempt(visitor, customer.handle, "not this one").status_code == 422
    clock.shift(timedelta(seconds=1))

    assert attempt(visitor, customer.handle, PASSWORD).status_code == 429


def test_a_link_that_opens_a_browser_lasts_an_hour(customer, visitor, post, clock):
    visitor.post("/signin/open", {"typed": customer.handle})
    work()
    link = LINK.search(text_of(post.last_to(customer.email)))
    clock.shift(timedelta(hours=1) - timedelta(seconds=1))
    assert visitor.get(link[0]).status_code == 200
    clock.shift(timedelta(seconds=1))

    assert visitor.get(link[0]).status_code == 410
    assert visitor.post(link[0], OPEN).status_code == 410


def test_three_links_a_day_and_the_same_answer_for_the_unknown(customer, visitor):
    known = [visitor.post("/signin/open", {"typed": customer.handle}) for _ in range(5)]
    unknown = visitor.post("/signin/open", {"typed": UNKNOWN})
    work()

    assert {answer.status_code for answer in known} == {unknown.status_code} == {200}
    assert Mail.objects.filter(template="signin/mail/opening").count() == 3


def test_a_link_may_go_to_the_established_recovery_addresses_instead(customer, visitor):
    now = timezone.now()
    for address, age in (("old@example.net", 30), ("young@example.net", 2)):
        customer.account.recovery_addresses.create(
            address=address,
            address_key=address,
            added_at=now,
            proven_at=now - timedelta(days=age),
        )
    visitor.post("/signin/open", {"typed": customer.handle, "by_recovery": "on"})
    work()

    mails = Mail.objects.filter(template="signin/mail/opening")
    assert [mail.recipient for mail in mails] == ["old@example.net"]

    told = Mail.objects.filter(template="signin/mail/opening_elsewhere")
    assert [mail.recipient for mail in told] == [customer.email]


@pytest.mark.parametrize("removed", [True, False])
def test_what_goes_nowhere_spends_nothing_of_the_owners(removed, customer, visitor):
    """Nor does a link go to an address that was removed, which only hears of things."""
    now = timezone.now()
    if removed:
        customer.account.recovery_addresses.create(
            address="old@example.net",
            address_key="old@example.net",
            added_at=now - timedelta(days=60),
            proven_at=now - timedelta(days=59),
            removed_at=now - timedelta(days=1),
        )
    for _ in range(3):
        visitor.post("/signin/open", {"typed": customer.handle, "by_recovery": "on"})
    work()
    assert not Mail.objects.exists()
    assert not Entry.objects.filter(act="signin.opening_sent").exists()

    visitor.post("/signin/open", {"typed": customer.handle})
    work()
    assert Mail.objects.filter(template="signin/mail/opening").count() == 1


@pytest.mark.parametrize("act", ["end_all", "end_since"])
def test_what_ends_everything_voids_the_mailed_links_too(act, customer, visitor, post):
    visitor.post("/signin/open", {"typed": customer.handle})
    work()
    link = LINK.search(text_of(post.last_to(customer.email)))
    assert link
    with transaction.atomic():
        more = {"since": timezone.now() - timedelta(days=1)} if act == "end_since" else {}
        getattr(ending, act)(account_id=customer.account.pk, **more)

    assert visitor.post(link[0], OPEN).status_code == 410


@pytest.mark.parametrize("mangled", ["x", "é", "a" * 500])
def test_a_mangled_link_is_a_page_that_helps(visitor, mangled):
    for answer in (visitor.get(f"/signin/open/{mangled}"), visitor.post(f"/signin/open/{mangled}")):
        assert answer.status_code == 410


def test_a_success_forgets_its_own_browsers_failures_only(customer, visitor, clock):
    owner = customer.sign_in()
    for _ in range(4):
        attempt(owner, customer.handle)
        attempt(visitor, customer.handle)
    attempt(owner, customer.handle, PASSWORD)

    assert not Allowance.objects.filter(name="signin.browser").exists()
    assert Allowance.objects.get(name="signin.account").count == 4


def test_a_known_browsers_own_failures_wait_too(customer):
    owner = customer.sign_in()
    for _ in range(5):
        attempt(owner, customer.handle)

    assert attempt(owner, customer.handle, PASSWORD).status_code == 429


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_failures_in_a_row_agree_with_a_model(customer, clock, seed, long):
    """A random walk of tries, waits and days against the rule in a few lines."""
    chance = random.Random(seed)
    failures, last = 0, None
    browser = Client(HTTP_HOST="localhost")
    for _ in range(60 if long else 25):
        clock.shift(timedelta(seconds=chance.choice([1, 20, 70, 500, 1000, 86_400])))
        now = timezone.now()
        waits = last is not None and now < last + delays.after(failures)
        answer = attempt(browser, customer.handle)
        assert answer.status_code == (429 if waits else 422)
        if not waits:
            failures, last = failures + 1, now


def test_failures_before_a_success_are_told_once(customer, visitor, post, clock):
    owner = customer.sign_in()
    owner.post("/signout")
    clock.shift(timedelta(minutes=1))
    for _ in range(4):
        attempt(visitor, customer.handle)
    Mail.objects.all().delete()
    clock.shift(timedelta(minutes=1))

    attempt(owner, customer.handle, PASSWORD)

    text = text_of(post.last_to(customer.email))
    assert "4 tries with a wrong password came before it." in text
    assert "/not-me/" in text
    owner.post("/signout")
    clock.shift(timedelta(minutes=1))
    Mail.objects.all().delete()
    attempt(owner, customer.handle, PASSWORD)
    assert not Mail.objects.exists()


def test_who_wants_hears_of_every_sign_in(customer, post):
    owner = customer.sign_in()
    owner.post("/account/security/notices", {"always": "yes"})
    assert "You hear of every sign-in." in owner.get("/account/security").content.decode()
    owner.post("/signout")
    Mail.objects.all().delete()

    attempt(owner, customer.handle, PASSWORD)

    assert "Your account was opened:" in text_of(post.last_to(customer.email))
    owner.post("/account/security/notices", {"always": "no"})
    owner.post("/signout")
    Mail.objects.all().delete()
    attempt(owner, customer.handle, PASSWORD)
    assert not Mail.objects.exists()


def test_a_neighbours_failures_shut_out_no_browser_the_account_knows(customer, clock):
    owner = customer.sign_in()
    owner.post("/signout")
    for number in range(100):
        with pytest.raises(operations.SigninFailed):
            operations.sign_in(
                identifier=f"zz{number:06}-OVH",
                password="wrong",
                stay=False,
                visit=Visit(Origin("127.0.0.9", ""), timezone.now()),
            )
    assert attempt(Client(HTTP_HOST="localhost"), customer.handle, PASSWORD).status_code == 429

    assert attempt(owner, customer.handle, PASSWORD).status_code == 302
