"""The machine against its model, at random."""

import pytest
from django.utils import timezone

from nichandle.identity.cases.tests.walk import Walk

pytestmark = pytest.mark.django_db


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_a_random_walk_agrees_with_the_model(customer, seed, long):
    walk = Walk(customer, seed, timezone.now())

    done = [walk.step() for _ in range(400 if long else 80)]

    assert len(set(done)) > 7


def test_walks_come_through_effects(customer):
    """A walk in which nothing ever took effect would show little."""
    walk = Walk(customer, 3, timezone.now())
    for _ in range(400):
        walk.step()
        if walk.effects:
            return
    raise AssertionError("no case took effect")
