"""A sign-in from a new browser or network is told by mail."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nichandle.identity.accounts.models import Account
from nichandle.identity.signin.authentication import fast
from nichandle.identity.signin.models import Notices
from nichandle.identity.signin.tests.attempts import attempt, without_transactions
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.database import is_postgresql
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


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
