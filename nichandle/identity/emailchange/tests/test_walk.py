"""The machine against its model, at random."""

import pytest
from django.utils import timezone

from nichandle.identity.emailchange.tests.walk import Walk

pytestmark = pytest.mark.django_db


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_a_random_walk_agrees_with_the_model(customer, post, seed, long):
    walk = Walk(customer, post, seed, timezone.now())

    done = [walk.step() for _ in range(400 if long else 25)]

    assert len(set(done)) > 5
