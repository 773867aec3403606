"""The machine against its model, at random."""

import pytest
from django.utils import timezone

from nichandle.contacts.tests.walk import Walk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(8))
def test_a_random_walk_agrees_with_the_model(customer, contact, stranger, make_service, seed):
    services = [make_service(), make_service(technical=contact, billing=stranger)]
    walk = Walk([customer, contact, stranger], services, seed, timezone.now())

    done = [walk.step() for _ in range(60)]

    assert len(set(done)) > 6
