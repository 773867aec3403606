"""Who may ask for which address, how often, and what becomes of the request before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.tests.journey import (
    PROOF,
    SPARE,
    UNDO,
    UNDO_IT,
    recovery,
)
from nichandle.identity.pauses.operations import begin
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db


def test_asked_twice_for_the_same_it_is_asked_once(journey):
    journey.ask()
    mails = Mail.objects.count()
    journey.ask()

    assert Change.objects.count() == 1
    assert Mail.objects.count() == mails


def test_a_newer_request_replaces_the_open_one(journey):
    journey.ask("first@new.example")
    first = journey.link(PROOF, "first@new.example")
    journey.ask("second@new.example")

    assert journey.browser.post(first).status_code == 410
    states = Change.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["replaced", "todo"]


def test_three_requests_a_day(journey):
    for number in range(3):
        journey.ask(f"n{number}@new.example")
    answer = journey.ask("n4@new.example")

    assert answer.status_code == 429
    assert "n4@new.example" in answer.content.decode()


def test_a_withdrawn_one_is_over(journey):
    journey.ask()
    journey.browser.post("/account/address/withdraw")
    assert journey.state == "withdrawn"
    again = journey.browser.post("/account/address/withdraw", follow=True)
    assert "No change of address is under way" in again.content.decode()


@pytest.mark.parametrize("address", ["", "not an address", "diane@example.org", "a@b", "é" * 300])
def test_what_cannot_be_an_address_loses_nothing(journey, address):
    answer = journey.ask(address)

    assert answer.status_code == 422
    assert not Change.objects.exists()


def test_a_young_recovery_address_cannot_become_the_primary(journey):
    recovery(journey.customer, age=timedelta(days=3))
    answer = journey.ask(SPARE)

    assert answer.status_code == 422
    assert "younger than 7 days" in answer.content.decode()


def test_an_established_one_can_and_is_a_recovery_address_again_after_an_undo(journey):
    recovery(journey.customer)
    journey.ask(SPARE)
    journey.prove(SPARE)
    journey.wait(hours=25)
    assert journey.email == SPARE
    assert not journey.customer.account.recovery_addresses.filter(removed_at=None).exists()

    journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    assert journey.customer.account.recovery_addresses.filter(removed_at=None).count() == 1


def test_a_session_older_than_ten_minutes_is_asked_again(journey):
    journey.clock.shift(timedelta(minutes=11))

    answer = journey.ask()

    assert "Sign in again" in answer.content.decode()
    assert not Change.objects.exists()


def test_during_a_pause_nothing_is_asked(journey, origin):
    begin(
        account_id=journey.customer.account.pk,
        cause="change_undone",
        act=Act(origin, timezone.now()),
    )
    answer = journey.ask()

    assert answer.status_code == 403
    assert "has to wait until" in answer.content.decode()
