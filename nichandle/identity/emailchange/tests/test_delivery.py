"""The clock begins when the mail server has taken the mail, whatever happens to it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.emailchange.jobs import due
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome import reminding
from nichandle.identity.emailchange.tests.journey import (
    NEW,
    PROOF,
    SPARE,
    bounce,
    recovery,
    shown,
)
from nichandle.platform.jobs.registry import never
from nichandle.platform.outbox import operations
from nichandle.platform.outbox.models import Mail
from tests.support.worker import work

pytestmark = pytest.mark.django_db


def test_silence_counts_only_from_delivery(journey):
    """The mail server is down for a day and a half: the clock waits."""
    journey.ask(deliver=False)
    assert "begin when the mail to your current address" in (
        journey.browser.get("/account/address").content.decode()
    )
    asked = timezone.now()
    journey.clock.shift(timedelta(hours=36))
    due(timezone.now, never)
    journey.prove()
    journey.wait(hours=23)
    assert journey.email == journey.customer.email
    journey.wait(hours=2)

    assert journey.email == NEW
    assert timezone.now() - asked >= timedelta(hours=60)


def outage(journey) -> None:
    """The mail server is away for longer than the outbox goes on trying."""
    journey.clock.shift(timedelta(days=3, minutes=1))
    work(timezone.now())
    assert operations.give_up_old(error="away", now=timezone.now())


def test_a_code_given_up_in_an_outage_is_mailed_anew(journey):
    recovery(journey.customer)
    journey.ask(deliver=False)
    journey.browser.post("/account/address/again", {"what": "code"})
    outage(journey)

    waiting = Mail.objects.filter(state="queued").exclude(recipient=NEW).order_by("template")
    assert [(mail.template.rpartition("/")[2], mail.recipient) for mail in waiting] == [
        ("code", journey.customer.email),
        ("warning", SPARE),
    ]
    code = journey.code(journey.customer.email)
    browser = journey.customer.sign_in(Client(HTTP_HOST="localhost"))
    browser.post("/account/address/again", {"what": "proof"})
    journey.prove()
    browser.post("/account/address/code", {"code": code})
    assert journey.email == NEW


@pytest.mark.parametrize("part", ["reminder", "proven"])
def test_an_outage_of_more_than_three_days_delays_and_ends_nothing(journey, part):
    journey.ask()
    if part == "proven":
        journey.wait(hours=21)
        journey.browser.post(journey.link(PROOF, NEW))
    else:
        journey.prove()
        journey.wait(hours=19, minutes=59)
        journey.clock.shift(timedelta(minutes=10))
        due(timezone.now, never)
    assert Mail.objects.filter(template=f"emailchange/mail/{part}", state="queued").exists()
    outage(journey)
    assert journey.email == journey.customer.email

    journey.wait(hours=5)

    assert journey.email == NEW


def test_a_mail_that_cannot_be_made_is_not_written_again_and_again(journey):
    journey.ask(deliver=False)
    mail = Mail.objects.get(template="emailchange/mail/code")
    operations.give_up(mail, error="broken", now=timezone.now())

    assert not Mail.objects.filter(template="emailchange/mail/code", state="queued").exists()


def test_a_dead_mailbox_is_answered_for_by_an_established_recovery_address(journey):
    recovery(journey.customer)
    journey.ask(deliver=False)
    bounce(journey.customer.email)
    journey.prove()
    for _ in range(60):
        bounce(journey.customer.email)
        journey.wait(minutes=30)

    assert journey.email == NEW


def test_a_dead_mailbox_without_one_leads_to_the_procedure(journey):
    recovery(journey.customer, age=timedelta(days=2))
    journey.ask(deliver=False)
    bounce(journey.customer.email)
    journey.prove()
    page = journey.browser.get("/account/address").content.decode()
    assert "refuses our mail" in page
    assert "/procedure" in page
    for _ in range(60):
        bounce(journey.customer.email)
        journey.wait(minutes=30)

    assert journey.email == journey.customer.email


def test_a_mail_accepted_and_then_refused_does_not_count(journey):
    """The first mail was taken, the reminder is refused for good: silence says nothing."""
    journey.ask()
    journey.prove()
    journey.wait(hours=19, minutes=50)
    journey.clock.shift(timedelta(minutes=20))
    reminding.remind_due(now=timezone.now())
    bounce(journey.customer.email)
    journey.wait(hours=48)

    assert journey.email == journey.customer.email


def test_only_what_was_asked_at_the_beginning_answers_for_a_dead_mailbox(journey):
    """A recovery address that grew old meanwhile gets later mails: silence began with none."""
    recovery(journey.customer, age=timedelta(days=5))
    journey.ask(deliver=False)
    work(timezone.now())
    bounce(journey.customer.email)
    link = journey.link(PROOF, NEW)
    journey.clock.shift(timedelta(days=3))
    journey.browser.post(link)
    journey.deliver()

    assert "refuses our mail" in shown(journey)
    assert Change.objects.get().due_at is None
