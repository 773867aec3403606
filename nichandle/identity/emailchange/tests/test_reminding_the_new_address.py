"""The new address is reminded while it is not proven: at 20 hours, on days 2 and 5."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.emailchange.jobs import due
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome import endings
from nichandle.identity.emailchange.tests.journey import NEW, PROOF
from nichandle.platform.jobs.registry import never
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db
A_MINUTE = timedelta(minutes=1)


def go_to(journey, asked, **after: float) -> int:
    """Let the worker look at a moment after the request, and count the mails to the new address."""
    journey.clock.move_to(asked + timedelta(**after))
    due(timezone.now, never)
    return len(journey.subjects(NEW))


def test_it_is_reminded_three_times_to_the_minute(journey):
    journey.ask()
    asked = Change.objects.get().asked_at
    counts = [
        (go_to(journey, asked, hours=hours, minutes=-1), go_to(journey, asked, hours=hours))
        for hours in (20, 48, 120)
    ]

    assert counts == [(1, 2), (2, 3), (3, 4)]
    assert set(journey.subjects(NEW)[1:]) == {"Your new address is not confirmed yet"}
    assert go_to(journey, asked, days=6, hours=23) == 4


def test_each_reminder_has_a_fresh_link_and_code(journey):
    journey.ask()
    first, code = journey.link(PROOF, NEW), journey.code(NEW)
    journey.wait(hours=21)
    assert journey.link(PROOF, NEW) != first
    assert journey.code(NEW) != code
    assert journey.browser.post(first).status_code == 410

    assert journey.browser.post(journey.link(PROOF, NEW)).status_code == 200


def test_reminders_leave_those_that_one_may_ask_for(journey):
    journey.ask()
    journey.wait(hours=49)
    journey.customer.sign_in(journey.browser)
    for _ in range(3):
        journey.browser.post("/account/address/again", {"what": "proof"})
        journey.deliver()

    assert len(journey.subjects(NEW)) == 1 + 2 + 3


def test_a_proven_one_is_left_alone(journey):
    journey.ask()
    journey.prove()
    before = len(journey.subjects(NEW))
    journey.wait(hours=21)

    assert len(journey.subjects(NEW)) == before
    assert Change.objects.get().prompt_at is None


def test_one_whose_code_was_entered_is_reminded_too(journey):
    journey.ask()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.email)})
    journey.wait(hours=21)

    assert journey.subjects(NEW)[-1] == "Your new address is not confirmed yet"


def test_a_worker_that_was_away_sends_one_for_all_that_were_late(journey):
    journey.ask()
    asked = Change.objects.get().asked_at

    assert go_to(journey, asked, days=3) == 2
    assert go_to(journey, asked, days=5) == 3


def test_a_held_one_is_left_alone_and_reminds_nobody(journey):
    journey.ask()
    change = Change.objects.get()
    endings.take_back(
        journey.customer.account.pk,
        since=change.asked_at + A_MINUTE,
        act=Act.by_itself(timezone.now()),
    )
    change.refresh_from_db()
    assert (change.remind_at, change.prompt_at, change.due_at) == (None, None, None)
    mails = Mail.objects.count()
    journey.wait(hours=30)

    assert Mail.objects.count() == mails


def test_an_address_that_is_anothers_is_kept_with_the_same_times(journey, stranger):
    """Its owner is told once; all that is kept of the request is as of any other."""
    journey.ask(stranger.email)
    asked = Change.objects.get().asked_at
    journey.wait(hours=49)
    change = Change.objects.get()

    assert change.prompt_at == asked + timedelta(days=5)
    assert change.prompts_sent == 2
    assert journey.subjects(stranger.email) == [
        f"[{stranger.handle}] Somebody asked for your address"
    ]
