"""« Ce n'était pas moi »: it makes the account safe, and is no weapon."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases.models import Case
from nichandle.identity.recovery import not_me
from nichandle.identity.recovery.models import PasswordHold
from nichandle.identity.signin.credentials.password import CurrentPasswordWrong, change_password
from nichandle.identity.signin.models import KnownBrowser, Session
from nichandle.identity.signin.recognition.browsers import FORGOTTEN
from nichandle.identity.signin.sessions.opening import open_session
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD
from tests.support.post import text_of, waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db
NOT_ME = re.compile(r"/not-me/\S+")
RESET = re.compile(r"/password/new/\S+")
NEW = "carafe violette sur le quai"
THIEFS = "thieves like long phrases too"


def link_to(post, address: str) -> str:
    found = NOT_ME.search(text_of(post.last_to(address)))
    assert found, "the mail has no such link"
    return found[0]


def press(browser, link, **how):
    """Answer on the page of a link that it was not oneself."""
    return browser.post(link, {"meaning": "not_me"}, **how)


def has_link(post, address: str) -> bool:
    return NOT_ME.search(text_of(post.last_to(address))) is not None


def recovery(customer, address, age):
    proven = timezone.now() - age
    customer.account.recovery_addresses.create(
        address=address, address_key=address, added_at=proven, proven_at=proven
    )
    return address


def enter(person, password):
    browser = Client(HTTP_HOST="localhost", HTTP_USER_AGENT="Somewhere else")
    answer = browser.post("/signin", {"identifier": person.handle, "password": password})
    if answer.headers.get("Location", "").startswith("/signin/code"):
        # Whoever this is reads the mailbox too.
        code = waiting_code("signin/mail/code", person.email)
        answer = browser.post(answer.headers["Location"], {"code": code})
    return browser if answer.status_code == 302 else None


@pytest.fixture
def stolen(customer, origin):
    """A thief who knows the password and has seen the mailed code has just changed the password."""
    customer.sign_in()
    thief = customer.sign_in(Client(HTTP_HOST="localhost", HTTP_USER_AGENT="Somewhere else"))
    change_password(
        account_id=customer.account.pk,
        current=PASSWORD,
        new=THIEFS,
        key=thief.cookies["session"].value,
        act=Act(origin, timezone.now()),
    )
    return thief


def test_the_owner_gets_the_account_back(customer, stolen, visitor, post):
    link = link_to(post, customer.email)
    page = visitor.get(link)
    assert "Password changed" in page.content.decode()

    answer = press(visitor, link, follow=True)

    assert stolen.get("/area").status_code == 302
    assert enter(customer, THIEFS) is None
    assert enter(customer, PASSWORD) is None
    answer = visitor.post(answer.request["PATH_INFO"], {"password": NEW})
    assert answer.headers["Location"] == "/signin"
    assert enter(customer, NEW)
    acts = [entry.act for entry in ledger.entries_of(customer.account.pk).rows]
    assert "account.disowned" in acts
    secured = Mail.objects.get(template="recovery/mail/secured")
    assert secured.recipient == customer.email


def test_opening_the_link_does_nothing_however_often(customer, stolen, visitor, post):
    link = link_to(post, customer.email)
    for _ in range(3):
        visitor.get(link)
        visitor.head(link)

    assert stolen.get("/area").status_code == 200
    assert not PasswordHold.objects.exists()


def test_a_link_works_once_and_for_seven_days(customer, stolen, visitor, post):
    link = link_to(post, customer.email)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=False):
        assert visitor.get(link).status_code == 410
        assert press(visitor, link).status_code == 410
    assert press(visitor, link).status_code == 302
    assert press(visitor, link).status_code == 410
    with pytest.raises(not_me.NotMeLinkNotValid):
        not_me.disown(secret="x", act=Act(None, timezone.now()))


def test_browsers_known_before_stay_known_those_since_do_not(customer, stolen, visitor, post):
    now = timezone.now()
    own = KnownBrowser.objects.create(
        account=customer.account, digest="0" * 64, network="203.0.113.0", first_at=now, last_at=now
    )
    KnownBrowser.objects.filter(pk=own.pk).update(first_at=now - timedelta(days=3))
    link = link_to(post, customer.email)

    press(visitor, link)

    assert list(KnownBrowser.objects.exclude(digest=FORGOTTEN)) == [own]
    assert not Session.objects.exists()


def test_the_next_password_comes_through_the_primary_and_what_was_established_before(
    customer, stolen, visitor, post
):
    """Whichever of these mailboxes a thief reads, the owner has another."""
    spare = recovery(customer, "spare@example.net", timedelta(days=30))
    young = recovery(customer, "young@example.net", timedelta(days=3))
    change_password_again(customer)
    press(visitor, link_to(post, spare))
    Mail.objects.all().delete()

    # Five days later the young one is older than seven, and still younger than the event.
    with time_machine.travel(timezone.now() + timedelta(days=5), tick=False):
        for more in ({}, {"by_recovery": "on"}):
            visitor.post("/password/lost", {"typed": customer.handle, **more})
            work()
        mails = Mail.objects.filter(template="recovery/mail/reset_link").order_by("pk")
        assert [mail.recipient for mail in mails] == [customer.email, spare]
        assert not Mail.objects.filter(template="recovery/mail/reset_by_recovery").exists()
        for address in (customer.email, spare):
            reset = RESET.search(text_of(post.last_to(address)))
            assert reset
        visitor.post(reset[0], {"password": NEW})
        assert enter(customer, NEW)
    Mail.objects.all().delete()
    with time_machine.travel(timezone.now() + timedelta(days=7, hours=1), tick=False):
        visitor.post("/password/lost", {"typed": customer.handle, "by_recovery": "on"})
        work()
        mails = Mail.objects.filter(template="recovery/mail/reset_link").order_by("pk")
        assert [mail.recipient for mail in mails] == [spare, young]


def change_password_again(customer):
    thief = enter(customer, THIEFS)
    assert thief
    change_password(
        account_id=customer.account.pk,
        current=THIEFS,
        new=f"{THIEFS} again",
        key=thief.cookies["session"].value,
        act=Act.by_itself(timezone.now()),
    )


def with_passkey(customer) -> Client:
    """Come in as a passkey lets its owner in: its own tests are in the room of signing in."""
    session = open_session(
        account_id=customer.account.pk, stay=False, act=Act.by_itself(timezone.now())
    )
    browser = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    browser.cookies["session"] = session.key
    return browser


def test_a_passkey_from_before_lets_its_owner_set_the_password(customer, stolen, visitor, post):
    """The owner may have lost that address, not the passkey."""
    press(visitor, link_to(post, customer.email))
    browser = with_passkey(customer)

    page = browser.get("/account/password").content.decode()
    assert "New password" in page
    assert "Present password" not in page
    browser.post("/account/password", {"password": NEW})

    assert enter(customer, NEW)
    assert browser.get("/area").status_code == 200
    with pytest.raises(CurrentPasswordWrong):
        change_password(
            account_id=customer.account.pk,
            current="",
            new="une autre longue phrase",
            key="",
            act=Act.by_itself(timezone.now()),
        )


def test_a_session_grown_old_sets_no_password_where_there_is_none(customer, stolen, visitor, post):
    press(visitor, link_to(post, customer.email))
    browser = with_passkey(customer)

    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        answer = browser.post("/account/password", {"password": NEW})

    assert "New password" not in answer.content.decode()
    assert Account.objects.get(pk=customer.account.pk).password == ""


def test_a_young_recovery_address_is_told_but_cannot_contest(customer, stolen, post):
    young = recovery(customer, "young@example.net", timedelta(days=2))
    change_password_again(customer)

    assert "Your password was changed" in post.last_to(young)["Subject"]
    assert not has_link(post, young)


def test_it_is_no_weapon_each_address_says_it_once_a_day(customer, stolen, visitor, post):
    """Whoever holds several links cannot throw the owner out again and again."""
    change_password_again(customer)
    first = link_to(post, customer.email)
    answer = press(visitor, first)
    visitor.post(answer.headers["Location"], {"password": NEW})
    owner = enter(customer, NEW)
    assert owner
    second = link_to(post, customer.email)

    answer = press(visitor, second)

    page = answer.content.decode()
    assert "has said so already" in page
    assert "A new one was set since" in page
    assert Case.objects.get(kind="not_me").number in page
    assert owner.get("/area").status_code == 200
    assert enter(customer, NEW)
    assert Mail.objects.filter(template="recovery/mail/secured").count() == 1
    # It is not used up, and leads to another password, so that who reads this mailbox gets in.
    assert visitor.get(second).status_code == 200
    offered = re.search(r"/password/new/[^\"]+", page)
    assert offered
    assert visitor.post(offered[0], {"password": f"{NEW} encore"}).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert press(visitor, second).status_code == 302


@pytest.mark.parametrize("mangled", ["x", "x" * 32, "%2E%2E", "é", "a" * 500])
def test_a_mangled_link_is_a_page_that_helps(visitor, mangled):
    answer = visitor.get(f"/not-me/{mangled}")

    assert answer.status_code == 410
    assert "This link no longer works" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_pressed_twelve_times_at_once_it_acts_once(customer, origin, post):
    customer.sign_in()
    thief = enter(customer, PASSWORD)
    assert thief
    link = link_to(post, customer.email)
    secret, outcomes = link.removeprefix("/not-me/"), []

    def press() -> None:
        try:
            outcomes.append(not_me.disown(secret=secret, act=Act(origin, timezone.now())))
        except not_me.NotMeLinkNotValid:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([outcome for outcome in outcomes if outcome]) == 1
    assert Case.objects.count() == 1
    assert Mail.objects.filter(template="recovery/mail/secured").count() == 1
