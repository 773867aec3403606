"""An owner and a service that several files of this room are about."""

import pytest

from tests.support.people import make_person


@pytest.fixture
def owner(db):
    return make_person("olga@example.org", given_name="Olga", family_name="Petit")


@pytest.fixture
def service(make_service, owner):
    return make_service("shop.example", owner=owner)
