"""Signing in with identifier or address and password, known and unknown alike."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nichandle.identity.accounts.models import Account
from nichandle.identity.handles.operations import adopt
from nichandle.identity.signin.authentication import operations
from nichandle.identity.signin.credentials.password import CurrentPasswordWrong, change_password
from nichandle.identity.signin.models import KnownBrowser, Session
from nichandle.identity.signin.recognition import networks
from nichandle.identity.signin.tests.attempts import attempt, without_transactions
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import is_postgresql
from nichandle.platform.limits.models import Allowance
from tests.support.hashers import CheapArgon2
from tests.support.people import PASSWORD, make_person

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("path", ["/signin", "/signup", "/account/password"])
def test_every_field_of_a_password_is_masked(customer, path):
    browser = customer.sign_in() if path.startswith("/account") else Client(HTTP_HOST="localhost")
    page = browser.get(path).content.decode()

    fields = re.findall(r'<input[^>]+autocomplete="(?:current|new)-password"[^>]*>', page)
    assert fields
    assert all('type="password"' in field for field in fields)
    assert not any("onpaste" in field for field in fields)


def test_a_success_is_in_the_ledger_with_network_and_browser(customer):
    customer.sign_in()
    entry = ledger.entries_of(customer.account.pk).rows[0]

    assert entry.act == "signin.succeeded"
    assert ledger.details_of(entry)["ip"] == "127.0.0.1"


def test_a_closed_account_is_unknown(customer, visitor):
    Account.objects.filter(pk=customer.account.pk).update(state="closed", email_key=None)
    assert attempt(visitor, customer.handle).status_code == 422


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


def test_a_wrong_present_password_stands_in_the_ledger(customer):
    browser = customer.sign_in()
    browser.post(
        "/account/password", {"current": "wrong", "password": "carafe violette sur le quai"}
    )
    assert next(iter(ledger.entries_of(customer.account.pk).rows)).act == "password.current_wrong"
