"""A passkey signs in without a password."""

import json
import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.factors import ceremony
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.ceremony import KeyNotRight
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.factors.tests.keys import a_browser, asked, enrol, enter, signed_in
from nichandle.identity.signin.authentication.second_step import enter_by_passkey
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


def test_a_passkey_signs_in_without_a_password(customer, key, enrolled, visitor):
    customer.browser.cookies.clear()
    answer = enter(visitor, key)

    assert answer.headers["Location"] == "/area"
    assert customer.handle in re.sub("<[^>]+>", "", visitor.get("/area").content.decode())
    told = Mail.objects.filter(template="signin/mail/new_place")
    assert [mail.recipient for mail in told] == [customer.email]


def test_without_a_password_the_key_must_have_made_sure_of_its_owner(
    customer, key, enrolled, visitor
):
    assert json.loads(asked(visitor.get("/signin"))[0])["userVerification"] == "required"
    key.verified = False

    enter(visitor, key)

    assert not signed_in(visitor)


def test_a_passkey_that_names_another_owner_opens_nothing(
    customer, stranger, key, enrolled, visitor
):
    key.owner = stranger.account.pk.bytes
    enter(visitor, key)

    assert not signed_in(visitor)


def test_an_unknown_passkey_is_counted_for_the_network_and_refused_alike(
    customer, key, enrolled, visitor
):
    unknown = Authenticator(owner=customer.account.pk.bytes)
    first = enter(visitor, unknown)
    forged = enter(visitor, Authenticator(credential=key.credential, owner=key.owner))

    assert first.headers["Location"] == forged.headers["Location"]
    assert first.cookies["messages"].value[:20] == forged.cookies["messages"].value[:20]
    assert sum(row.count for row in Allowance.objects.filter(name="signin.passkey")) == 2


def test_a_wrong_passkey_leaves_its_count(customer, enrolled, origin, now):
    with pytest.raises(KeyNotRight):
        enter_by_passkey(Answer("key", response="{}", state="x"), Visit(origin, now))

    assert Allowance.objects.get().count == 1


def test_strangers_failures_never_close_the_way_of_a_passkey(customer, key, enrolled, visitor):
    for _ in range(11):
        visitor.post("/signin", {"identifier": customer.handle, "password": "guess"})

    enter(visitor, key)

    assert signed_in(visitor)


def test_the_passkey_of_a_closed_account_is_refused_as_an_unknown_one(
    customer, key, enrolled, visitor
):
    Account.objects.filter(pk=customer.account.pk).update(state="closed", email_key=None)
    unknown = enter(a_browser(), Authenticator(owner=customer.account.pk.bytes))
    closed = enter(visitor, key)

    assert not signed_in(visitor)
    assert closed.headers["Location"] == unknown.headers["Location"]
    assert closed.cookies["messages"].value[:20] == unknown.cookies["messages"].value[:20]
    assert sum(row.count for row in Allowance.objects.filter(name="signin.passkey")) == 2


def test_a_sign_in_page_offers_passkeys_for_an_hour(customer, key, enrolled, visitor):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        options, state = asked(visitor.get("/signin"))
        clock.shift(timedelta(minutes=60))
        visitor.post("/signin/passkey", {"response": key.prove(options), "state": state})
    assert not signed_in(visitor)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_answer_given_by_several_at_once_opens_one_session(customer, key, origin):
    enrol(customer, key)
    Session.objects.all().delete()
    key.step = 0
    asked_now = ceremony.ask_to_prove(purpose="passkey", verified=True, now=timezone.now())
    answer = Answer("key", response=key.prove(asked_now.options), state=asked_now.state)
    outcomes, start = [], threading.Barrier(4)

    def go() -> None:
        start.wait()
        try:
            enter_by_passkey(answer, Visit(Origin("203.0.113.7", ""), timezone.now()))
            outcomes.append("in")
        except KeyNotRight:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in", "refused", "refused", "refused"]
    assert Session.objects.count() == 1


def test_a_sign_in_by_passkey_tells_of_the_failures_before_it_once(
    customer, key, enrolled, visitor, post
):
    enter(visitor, key)
    for number in range(4):
        stranger = a_browser(REMOTE_ADDR=f"198.51.{number}.1")
        stranger.post("/signin", {"identifier": customer.handle, "password": "guess"})
    for told in (True, False):
        Mail.objects.all().delete()
        visitor.post("/signout")
        enter(visitor, key)
        assert signed_in(visitor)
        assert Mail.objects.exists() == told
        if told:
            text = text_of(post.last_to(customer.email))
            assert "4 tries with a wrong password came before it." in text


def test_a_neighbours_failures_do_not_close_the_way_of_a_passkey(customer, key, enrolled, visitor):
    for number in range(100):
        neighbour = a_browser(REMOTE_ADDR="127.0.0.9")
        neighbour.post("/signin", {"identifier": f"zz{number:06}-OVH", "password": "guess"})

    enter(visitor, key)

    assert signed_in(visitor)
