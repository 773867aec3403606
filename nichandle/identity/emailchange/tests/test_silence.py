"""Without an answer a change is made after 24 hours, with a reminder, and only once proven."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.emailchange.jobs import due
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.operations import request_change
from nichandle.identity.emailchange.outcome import effect, lapsing
from nichandle.identity.emailchange.tests.journey import NEW
from nichandle.identity.pauses import queries as pauses
from nichandle.platform.jobs.registry import never
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE

pytestmark = pytest.mark.django_db


def test_without_an_answer_it_is_accepted_after_24_hours(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=23, minutes=59)
    assert journey.email == journey.customer.email
    assert "changes in four hours" in " ".join(journey.subjects(journey.customer.email))

    journey.wait(minutes=2)

    assert journey.email == NEW
    assert journey.browser.get("/area").status_code == 302
    pause = pauses.running(journey.customer.account.pk, now=timezone.now())
    assert pause
    assert pause.cause == "change_by_silence"
    assert pause.ends_at - pause.began_at == timedelta(days=7)


def test_a_typo_and_silence_change_nothing(journey):
    """Nobody proves the new address: nobody is locked out."""
    journey.ask("diane@nwe.example")
    journey.wait(days=8)

    assert journey.email == journey.customer.email
    assert journey.state == "lapsed"
    assert "has ended" in journey.subjects(journey.customer.email)[-1]


def test_a_late_proof_still_leaves_four_hours(journey):
    journey.ask()
    journey.wait(hours=30)
    journey.prove()
    journey.wait(hours=3, minutes=59)
    assert journey.email == journey.customer.email
    assert "is proven" in journey.subjects(journey.customer.email)[-1]

    journey.wait(minutes=2)

    assert journey.email == NEW


def test_what_is_due_is_not_over_however_late_the_worker(customer, contact):
    """More due than one batch takes, all older than seven days: none of them lapses."""
    now = timezone.now()
    for number, person in enumerate((customer, contact)):
        request_change(
            account_id=person.account.pk,
            address=f"n{number}@new.example",
            act=Act(NOWHERE, now - timedelta(days=8)),
        )
    Change.objects.update(
        proven_at=now - timedelta(days=8),
        due_at=now - timedelta(days=7),
        lapses_at=now - timedelta(days=1),
    )

    effect.apply_due(now=now, at_once=1)
    assert lapsing.lapse_due(now=now) == 0
    effect.apply_due(now=now, at_once=1)

    assert set(Change.objects.values_list("state", flat=True)) == {"done"}


def test_a_worker_that_was_away_applies_nothing_early(journey):
    """Nobody reminded: silence has not been heard to its end."""
    journey.ask()
    journey.prove()
    journey.clock.shift(timedelta(days=3))

    due(timezone.now, never)

    assert journey.email == journey.customer.email
    journey.wait(hours=5)
    assert journey.email == NEW


def test_batches_are_small_and_leave_nothing(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=23, minutes=59)
    Change.objects.update(due_at=timezone.now())

    assert effect.apply_due(now=timezone.now(), at_once=1) == 1
    assert effect.apply_due(now=timezone.now(), at_once=1) == 0


def test_what_is_put_off_or_refused_at_the_last_moment_does_not_take_effect(
    customer, contact, monkeypatch
):
    """The rows are read once more under their accounts' locks: a veto in between wins."""
    now = timezone.now()
    people = customer, contact
    for number, person in enumerate(people):
        request_change(
            account_id=person.account.pk,
            address=f"n{number}@new.example",
            act=Act(NOWHERE, now - timedelta(days=2)),
        )
    Change.objects.update(proven_at=now - timedelta(days=1), due_at=now)
    locking = effect.lock_free

    def meanwhile(account_ids):
        mine = Change.objects.filter(account=customer.account)
        mine.update(due_at=now + timedelta(seconds=1))
        Change.objects.filter(account=contact.account).update(state=Change.State.REFUSED)
        return locking(account_ids)

    monkeypatch.setattr(effect, "lock_free", meanwhile)
    assert effect.apply_due(now=now) == 0

    for person in people:
        person.account.refresh_from_db()
        assert person.account.email == person.email


def test_a_request_is_open_for_seven_days_to_the_second(journey):
    journey.ask()
    asked = Change.objects.get().asked_at
    journey.clock.move_to(asked + timedelta(days=7) - timedelta(seconds=1))
    lapsing.lapse_due(now=timezone.now())
    assert journey.state == Change.State.OPEN
    journey.clock.shift(timedelta(seconds=1))
    lapsing.lapse_due(now=timezone.now())

    assert journey.state == Change.State.LAPSED


def test_what_lapses_takes_no_other_with_it(journey, contact):
    journey.ask()
    journey.clock.shift(timedelta(days=1))
    contact.sign_in().post("/account/address", {"address": "paul@new.example"})
    journey.deliver()
    journey.clock.shift(timedelta(days=6))

    lapsing.lapse_due(now=timezone.now())

    state = Change.objects.values_list("state", "refused_why")
    assert state.get(account=journey.customer.account) == (Change.State.LAPSED, "unproven")
    assert state.get(account=contact.account)[0] == Change.State.OPEN
