"""The machine against its model, at random."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from nichandle.identity.cases.tests.walk import Walk

pytestmark = pytest.mark.django_db
WEDNESDAY, TEN = 2, 10


def a_wednesday() -> datetime:
    """
    Return the last Wednesday at ten, where every walk begins.

    Cases wait for working days: begun at another hour of the week, the same seed is another walk.
    """
    now = timezone.now()
    back = timedelta(days=(now.weekday() - WEDNESDAY) % 7 or 7)
    return (now - back).replace(hour=TEN, minute=0, second=0, microsecond=0)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_a_random_walk_agrees_with_the_model(customer, seed, long):
    walk = Walk(customer, seed, a_wednesday())

    done = [walk.step() for _ in range(400 if long else 80)]

    assert len(set(done)) > 7


def test_walks_come_through_effects(customer):
    """A walk in which nothing ever took effect would show little."""
    walk = Walk(customer, 3, a_wednesday())
    for _ in range(400):
        walk.step()
        if walk.effects:
            return
    raise AssertionError("no case took effect")
