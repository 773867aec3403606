"""Both ways of signing in, a clock that stands, and a customer whose app was set up long ago."""

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.signin.authentication import fast
from tests.support.people import set_up_app


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as travelling:
        yield travelling


@pytest.fixture
def seed(customer, clock) -> str:
    return set_up_app(customer, days_ago=30)[0]


@pytest.fixture(params=["by one message", "under locks"])
def way(request, monkeypatch) -> str:
    """Either way in: what ``fast`` does at once, and what the rule does without it (ADR 11)."""
    monkeypatch.setattr(fast, "ENABLED", request.param == "by one message")
    return request.param
