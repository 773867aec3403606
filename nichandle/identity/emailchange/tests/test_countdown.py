"""What the owner is shown of the time that is left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.emailchange.jobs import due
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.queries import progress
from nichandle.identity.emailchange.tests.journey import NEW, PROOF, shown
from nichandle.identity.pauses.operations import begin
from nichandle.platform.jobs.registry import never
from nichandle.platform.kernel.act import Act
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/account/address", "/area"])
def test_the_countdown_runs_only_while_nothing_but_silence_is_missing(journey, path):
    journey.ask()
    assert "Waits for the proof of the new address." in shown(journey, path)
    journey.wait(hours=50)
    page = shown(journey, path)
    assert "Waits for the proof of the new address." in page
    assert f"{timezone.now() + timedelta(hours=4):%-d}" in page
    assert ", in 0" not in page
    journey.browser.post(journey.link(PROOF, NEW))
    assert "have been delivered" in shown(journey, path)
    journey.deliver()
    assert "Will be accepted automatically on" in shown(journey, path)
    journey.clock.shift(timedelta(hours=5))
    assert "at any moment now" in shown(journey, path)


def test_with_the_code_and_without_the_proof_no_countdown_is_shown(journey):
    journey.ask()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.email)})
    page = shown(journey)
    assert "its code has been entered" in page
    assert "Will be accepted automatically" not in page
    journey.wait(hours=21)
    assert "four hours" not in " ".join(journey.subjects(journey.customer.email))


def test_the_reminder_of_what_is_not_proven_says_so(journey):
    journey.ask()
    journey.wait(hours=21)

    reminder = text_of(journey.post.last_to(journey.customer.email))

    assert "waits for its proof" in journey.subjects(journey.customer.email)[-1]
    assert "four hours after the new address is confirmed" in " ".join(reminder.split()).lower()
    assert "nothing to do" not in reminder


def test_a_countdown_during_a_pause_goes_to_its_end(journey, origin):
    journey.ask()
    journey.prove()
    begin(
        account_id=journey.customer.account.pk,
        cause="reset_by_recovery",
        act=Act(origin, timezone.now()),
    )
    expected = progress(journey.customer.account.pk, now=timezone.now()).expected_at

    assert expected == timezone.now() + timedelta(hours=72)


def test_while_the_reminder_is_on_its_way_no_time_is_promised(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=19, minutes=59)
    account_id = journey.customer.account.pk
    assert progress(account_id, now=timezone.now()).expected_at
    journey.clock.shift(timedelta(minutes=1))
    due(timezone.now, never)
    assert progress(account_id, now=timezone.now()).expected_at is None
    assert "have been delivered" in shown(journey)
    journey.deliver()

    reckoned = progress(account_id, now=timezone.now()).expected_at
    assert reckoned == timezone.now() + timedelta(hours=4)


def test_a_resumed_one_counts_from_then_on(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=10)
    owner = journey.customer.sign_in(journey.browser)
    Change.objects.update(held_at=timezone.now())
    assert progress(journey.customer.account.pk, now=timezone.now()).expected_at is None
    owner.post("/account/address/resume")

    expected = progress(journey.customer.account.pk, now=timezone.now()).expected_at

    assert expected == timezone.now() + timedelta(hours=24)
    assert "24 hours after you resumed the change" in shown(journey)
