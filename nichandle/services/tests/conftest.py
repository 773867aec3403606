"""Services of the three people."""

from collections.abc import Callable
from itertools import count

import pytest
from django.utils import timezone

from nichandle.services.models import Service
from nichandle.services.operations import create

_numbers = count(1)
Make = Callable[..., Service]


@pytest.fixture
def make_service(customer) -> Make:
    """Make a service: the customer's, but for the roles given to others."""

    def make(name: str = "", product: str = "domain", **given) -> Service:
        contacts = {
            role: given.pop(role).account.pk
            for role in ("owner", "administrator", "technical", "billing")
            if role in given
        }
        return create(
            product=product,
            name=name or f"name{next(_numbers)}.example",
            account_id=customer.account.pk,
            contacts=contacts,
            period_months=12,
            now=given.pop("now", None) or timezone.now(),
            **({"state": "active"} | given),
        )

    return make
