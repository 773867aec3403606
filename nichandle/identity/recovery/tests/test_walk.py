"""Owner and thief at random, against the model."""

import pytest
from django.utils import timezone

from nichandle.identity.recovery.tests.walk import Walk

pytestmark = pytest.mark.django_db


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_no_mailbox_shuts_another_out_and_every_owner_gets_back_in(customer, seed, long):
    walk = Walk(customer, seed, timezone.now())
    try:
        for _ in range(300 if long else 25):
            walk.step()
        assert walk.owner_gets_back_in().startswith("back by")
    finally:
        walk.close()
