"""Every change has its own length of silence: clock, pages and mails go by that one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import clock
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.tests.journey import NEW
from nichandle.platform.outbox import rendering
from nichandle.platform.outbox.models import Mail
from tests.support.post import text_of


@pytest.fixture
def long_for_companies(monkeypatch):
    """What a rule for one kind of holder would be, in the one place where it is written."""

    def silence(change: Change) -> timedelta:
        company = change.account.kind == Account.Kind.CORPORATION
        return timedelta(hours=48) if company else clock.SILENCE

    monkeypatch.setattr(clock, "silence", silence)


def become(customer, kind):
    Account.objects.filter(pk=customer.account.pk).update(kind=kind)


def page(journey) -> str:
    return journey.browser.get("/account/address").content.decode()


@pytest.mark.usefixtures("long_for_companies")
@pytest.mark.parametrize(("kind", "hours"), [("corporation", 48), ("individual", 24)])
def test_the_address_changes_when_its_own_silence_has_lasted(journey, customer, kind, hours):
    become(customer, kind)
    before = journey.email
    assert f"automatically after {hours} hours" in page(journey)

    journey.ask(deliver=False)
    assert f"The {hours} hours begin when" in page(journey)
    assert f"or {hours} hours" in page(journey)
    journey.deliver()
    assert f"without an answer after {hours} hours" in journey.prove().content.decode()

    journey.wait(hours=hours - 5)
    assert not reminded(journey, before)
    journey.wait(hours=1)
    assert reminded(journey, before)
    journey.wait(hours=3)
    assert journey.email == before
    journey.wait(hours=1, minutes=1)
    assert journey.email == NEW
    assert f"Nobody had answered for {hours} hours" in last_text(journey, before)


@pytest.mark.usefixtures("long_for_companies")
def test_the_mail_with_the_code_names_the_earliest_time(journey, customer):
    become(customer, "corporation")
    journey.ask()

    mail = Mail.objects.get(template="emailchange/mail/code")
    earliest = timezone.now() + timedelta(hours=48)
    assert mail.context["not_before_at"] == earliest.isoformat()


@pytest.mark.usefixtures("long_for_companies")
def test_a_change_that_goes_on_says_how_long_it_waits_anew(journey, customer):
    become(customer, "corporation")
    journey.ask()
    Change.objects.update(held_at=timezone.now())

    answer = journey.browser.post("/account/address/resume", follow=True)

    assert "the 48 hours begin anew" in answer.content.decode()


def test_a_mail_of_before_that_does_not_say_its_silence_says_that_of_all(journey):
    before = journey.email
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    mail = Mail.objects.filter(template="emailchange/mail/changed", recipient=before).get()
    told = rendering.rendered(mail).text

    del mail.context["silent_for"]
    assert rendering.rendered(mail).text == told
    assert "Nobody had answered for 24 hours" in told


def reminded(journey, address) -> bool:
    return any("four hours" in subject for subject in journey.subjects(address))


def last_text(journey, address) -> str:
    journey.deliver()
    return [text_of(message) for to, message in journey.post.messages if to == address][-1]
