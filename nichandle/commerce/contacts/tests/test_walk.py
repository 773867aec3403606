"""The machine against its model, at random."""

from collections import Counter

import pytest
from django.utils import timezone

from nichandle.commerce.contacts.models import Request
from nichandle.commerce.contacts.tests.walk import Walk
from nichandle.commerce.services.models import Role
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
WALKS, STEPS = 5, 100
MANY = 8, 150


@pytest.mark.long
def test_random_walks_agree_with_the_model_and_come_through_everything(make_service, long):
    said: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    walks, steps = MANY if long else (WALKS, STEPS)
    for seed in range(walks):
        Request.objects.all().delete()
        Role.objects.all().delete()
        people = [make_person(f"p{number}of{seed}@example.org") for number in range(3)]
        first, second, third = people
        services = [
            make_service(owner=first, administrator=second, technical=first, billing=first),
            make_service(owner=first, administrator=third, technical=second, billing=third),
        ]
        walk = Walk(people, services, seed, timezone.now())
        said.update(walk.step() for _ in range(steps))
        ends.update(hand.state for hand in walk.hands.values())

    assert {"done", "refused", "expired", "aborted", "error"} <= ends.keys()
    assert {"asked", "accepted", "refused by link", "sent again", "disputed", "settled"} <= set(
        said
    )
