"""Orders and payments against their model, at random."""

from dataclasses import replace

import pytest

from nichandle.commerce.orders.tests.walk import Walk
from nichandle.platform.limits.catalogue import CATALOGUE as LIMITS

pytestmark = pytest.mark.django_db


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_a_random_walk_agrees_with_the_model(customer, seed, long, settings):
    settings.NICHANDLE_LIMITS = {
        name: replace(LIMITS[name], count=100_000)
        for name in ("withdrawal.order", "withdrawal.network", "order.place")
    }
    walk = Walk(customer, seed)

    done = [walk.step() for _ in range(600 if long else 60)]

    assert len(set(done)) > 10
