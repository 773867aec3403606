"""One account's change of address, and the clock it goes by."""

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.emailchange.tests.journey import Journey


@pytest.fixture
def journey(customer, post):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield Journey(customer, post, clock)
