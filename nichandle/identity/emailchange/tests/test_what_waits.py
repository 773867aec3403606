"""Mail that is stuck, a worker that is away, a frozen account: the clock waits, and says so."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange.jobs import clear_old, due
from nichandle.identity.emailchange.models import Absence, Change
from nichandle.identity.emailchange.outcome import lapsing
from nichandle.identity.emailchange.tests.journey import NEW, PROOF, SPARE, newest, recovery, shown
from nichandle.platform.jobs.registry import never
from nichandle.platform.outbox import operations
from nichandle.platform.outbox.models import Mail
from tests.support.worker import work

pytestmark = pytest.mark.django_db


def put_off(address: str) -> None:
    """The mail server of an address says "later" to all that waits, as a full mailbox does."""
    for mail in Mail.objects.filter(recipient=address, state="queued"):
        operations.put_off(mail, error="450 mailbox full", now=timezone.now())


def wait_put_off(journey, address: str, **much: float) -> None:
    """Let time go by while an address puts its mail off and all others take theirs."""
    end = timezone.now() + timedelta(**much)
    while timezone.now() < end:
        journey.clock.shift(min(timedelta(minutes=50), end - timezone.now()))
        due(timezone.now, never)
        work(timezone.now())
        put_off(address)
        for mail in Mail.objects.filter(state="queued").exclude(recipient=address):
            journey.post.take(mail)
            operations.accept(mail, now=timezone.now())


def ask_put_off(journey) -> str:
    """Ask while the current address puts mail off; return the link to the new one."""
    journey.ask(deliver=False)
    wait_put_off(journey, journey.customer.email, minutes=1)
    text = next(text for to, text in reversed(journey.post.messages) if to == NEW)
    found = PROOF.search(text.text)
    assert found
    return found[0]


def test_mail_put_off_for_three_days_counts_as_refused_and_recovery_stands_in(journey):
    recovery(journey.customer)
    journey.browser.post(ask_put_off(journey))
    wait_put_off(journey, journey.customer.email, days=2, hours=23)
    assert journey.email == journey.customer.email
    page = shown(journey)
    assert "has not been taken since" in page
    assert "the clock waits" in page
    assert "refuses our mail" not in page

    wait_put_off(journey, journey.customer.email, hours=2)
    assert "the address counts as refusing" not in shown(journey)
    assert journey.email == journey.customer.email
    wait_put_off(journey, journey.customer.email, hours=5)

    assert journey.email == NEW


def test_without_a_recovery_address_it_leads_to_the_procedure(journey):
    recovery(journey.customer, age=timedelta(days=2))
    journey.browser.post(ask_put_off(journey))
    wait_put_off(journey, journey.customer.email, days=2, hours=23)
    assert "has not been taken since" in shown(journey)
    wait_put_off(journey, journey.customer.email, hours=2)

    for path in ("/account/address", "/area"):
        assert "refuses our mail" in shown(journey, path)
    assert "/procedure" in shown(journey)
    wait_put_off(journey, journey.customer.email, days=2)
    assert journey.email == journey.customer.email


def test_a_mail_of_an_hour_is_not_stuck_yet(journey):
    journey.browser.post(ask_put_off(journey))
    journey.clock.shift(timedelta(minutes=58))
    assert "has not been taken since" not in shown(journey)
    journey.clock.shift(timedelta(minutes=2))
    assert "has not been taken since" in shown(journey)


def test_the_days_in_which_mail_was_stuck_are_not_counted(journey):
    """Put off for two days, then taken: seven days from then on, to the minute."""
    ask_put_off(journey)
    wait_put_off(journey, journey.customer.email, days=2)
    journey.deliver()
    taken = timezone.now()
    journey.wait(days=6, hours=23, minutes=58)
    assert journey.state == "todo"

    journey.clock.move_to(taken + timedelta(days=7))
    due(timezone.now, never)

    assert journey.state == "lapsed"
    assert "was not confirmed in time" in newest(journey, journey.customer.email, "has ended")


def test_a_stuck_reminder_is_not_counted_either(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=19, minutes=59)
    wait_put_off(journey, journey.customer.email, days=2)
    before = Change.objects.get()
    assert journey.state == "todo"
    wait_put_off(journey, journey.customer.email, days=2)

    assert Change.objects.get().lapses_at > before.lapses_at
    assert "refuses our mail" in shown(journey)


@pytest.mark.parametrize(("gone", "back"), [(10, 9 * 24), (1, 30 * 24)])
def test_a_worker_that_was_away_brings_on_what_was_proven(journey, gone, back):
    """It has not reminded: nothing could take effect, so nothing is over."""
    journey.ask()
    journey.prove()
    asked = timezone.now()
    journey.wait(hours=gone)
    journey.clock.move_to(asked + timedelta(hours=back))

    due(timezone.now, never)

    assert journey.state == "todo"
    journey.wait(hours=3, minutes=58)
    assert journey.email == journey.customer.email
    journey.wait(hours=1)
    assert journey.email == NEW


def test_the_days_without_a_worker_are_not_counted_to_the_minute(journey, contact):
    """And a request of somebody else, asked after them, has its own seven days."""
    journey.ask()
    asked = timezone.now()
    due(timezone.now, never)
    journey.wait(hours=10)
    journey.clock.shift(timedelta(days=3))
    due(timezone.now, never)
    contact.sign_in().post("/account/address", {"address": "paul@new.example"})
    journey.deliver()
    journey.wait(days=6, hours=13, minutes=58)
    assert journey.state == "todo"
    journey.wait(minutes=3)
    assert journey.state == "lapsed"
    assert timezone.now() - asked < timedelta(days=10, minutes=2)
    assert Change.objects.get(account=contact.account).state == "todo"

    journey.wait(hours=9, minutes=57)
    assert Change.objects.get(account=contact.account).state == "todo"
    journey.wait(minutes=5)
    assert Change.objects.get(account=contact.account).state == "lapsed"


def test_a_restart_is_no_absence_and_old_ones_are_forgotten(db):
    now = timezone.now()
    lapsing.note_round(now=now)
    lapsing.note_round(now=now + timedelta(minutes=59))
    assert not Absence.objects.exists()
    lapsing.note_round(now=now + timedelta(minutes=119))
    assert Absence.objects.count() == 1
    lapsing.note_round(now=now)
    assert Absence.objects.count() == 1

    clear_old(now=now + timedelta(days=89))
    assert Absence.objects.exists()
    clear_old(now=now + timedelta(days=91))
    assert not Absence.objects.exists()


def set_state(person, state: str) -> None:
    Account.objects.filter(pk=person.account.pk).update(state=state)


def test_a_frozen_accounts_change_waits_says_so_and_goes_on(journey, contact):
    journey.ask()
    journey.prove()
    journey.wait(hours=23)
    set_state(journey.customer, "frozen")
    set_state(contact, "frozen")
    page = shown(journey)
    assert "Your account is frozen" in page
    assert "Will be accepted automatically on" not in page
    journey.wait(hours=2)
    assert journey.email == journey.customer.email
    assert journey.state == "todo"
    told = newest(journey, journey.customer.email, "waits: your account is frozen")
    assert "takes effect by itself once your account is open again" in re.sub(r"\s+", " ", told)
    journey.wait(days=2)
    assert sum("frozen" in one for one in journey.subjects(journey.customer.email)) == 1
    assert journey.email == journey.customer.email

    set_state(journey.customer, "active")
    journey.wait(minutes=1)

    assert journey.email == NEW


def test_a_frozen_accounts_change_ends_with_its_reason(journey):
    journey.ask()
    journey.prove()
    set_state(journey.customer, "frozen")
    journey.wait(days=6, hours=23)
    assert journey.state == "todo"
    journey.wait(hours=2)

    assert journey.state == "lapsed"
    assert "Your account was frozen" in newest(journey, journey.customer.email, "has ended")
    set_state(journey.customer, "active")
    journey.wait(hours=2)
    assert journey.email == journey.customer.email


def test_the_right_code_on_a_frozen_account_is_kept(journey):
    journey.ask()
    journey.prove()
    set_state(journey.customer, "frozen")
    code = {"code": journey.code(journey.customer.email)}
    answer = journey.browser.post("/account/address/code", code, follow=True)
    assert "waits until your account is open again" in answer.content.decode()
    assert journey.state == "todo"

    set_state(journey.customer, "active")
    journey.wait(minutes=1)

    assert journey.email == NEW


def test_a_closed_accounts_change_ends(journey):
    journey.ask()
    journey.prove()
    set_state(journey.customer, "closed")
    journey.wait(hours=25)

    assert journey.state == "lapsed"
    assert "Your account is closed" in newest(journey, journey.customer.email, "has ended")


def test_the_page_explains_when_and_why(journey):
    """Proven after 22 hours: four hours after that was told, not 24 after asking."""
    journey.ask()
    journey.wait(hours=22)
    journey.prove()
    page = shown(journey)

    assert "Why then" in page
    assert "24 hours after our first mail was delivered" in page
    assert "4 hours after the reminder" in page
    assert "4 hours after we told that the new address is confirmed" in page
    journey.wait(hours=3, minutes=58)
    assert journey.email == journey.customer.email
    journey.wait(minutes=3)
    assert journey.email == NEW


def test_a_mistyped_address_that_refuses_mail_is_said(journey):
    journey.ask(deliver=False)
    work(timezone.now())
    for mail in Mail.objects.filter(recipient=NEW, state="queued"):
        operations.refuse(mail, error="550", now=timezone.now())
    journey.deliver()

    assert "That address refuses our mail" in shown(journey)


def test_so_is_that_of_another_account_that_refuses_mail(journey, stranger):
    """The mail to its owner stands for the one that nobody sent."""
    journey.ask(stranger.email, deliver=False)
    work(timezone.now())
    for mail in Mail.objects.filter(recipient=stranger.email, state="queued"):
        operations.refuse(mail, error="550", now=timezone.now())
    journey.deliver()

    assert "That address refuses our mail" in shown(journey)


def test_given_up_at_the_new_address_is_not_written_again(journey):
    recovery(journey.customer)
    journey.ask(deliver=False)
    work(timezone.now())
    for mail in Mail.objects.filter(state="queued").exclude(recipient=NEW):
        operations.accept(mail, now=timezone.now())
    journey.clock.shift(timedelta(days=3, minutes=1))
    assert operations.give_up_old(error="away", now=timezone.now())

    assert not Mail.objects.filter(recipient=NEW, state="queued").exists()
    assert not Mail.objects.filter(recipient=SPARE, state="queued").exists()
