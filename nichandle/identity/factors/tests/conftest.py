"""A key, and a customer who has enrolled it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.factors.models import SecurityKey
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.factors.tests.keys import enrol


@pytest.fixture
def key() -> Authenticator:
    return Authenticator()


@pytest.fixture
def enrolled(customer, key):
    with time_machine.travel(timezone.now() - timedelta(days=30), tick=False):
        assert enrol(customer, key).status_code == 200
        customer.browser.post("/signout")
    return SecurityKey.objects.get()
