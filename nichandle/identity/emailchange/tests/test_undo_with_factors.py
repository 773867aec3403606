"""After a change approved by its code, a factor older than the change confirms the undo."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.utils import timezone

from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.tests.journey import (
    NEW,
    SPARE,
    UNDO,
    UNDO_IT,
    recovery,
)
from nichandle.identity.factors import recovery_codes
from nichandle.identity.factors.models import RecoveryCode, Totp
from nichandle.identity.factors.totp import SEED, seed_digest
from nichandle.platform.kernel import tokens
from tests.support.people import app_code

pytestmark = pytest.mark.django_db


def app_of(customer, *, age: timedelta) -> str:
    """Give the customer an authenticator app of some age; return its seed."""
    seed = pyotp.random_base32()
    Totp.objects.create(
        account=customer.account,
        name=f"Telephone {seed}",
        seed=tokens.seal(seed, SEED),
        seed_digest=seed_digest(seed),
        last_step=0,
        created_at=timezone.now() - age,
    )
    return seed


@pytest.fixture
def changed(journey):
    """A change that its code approved: the thief has the old mailbox, or its owner left it."""

    def change() -> str:
        journey.ask()
        journey.prove()
        code = journey.code(journey.customer.email)
        journey.browser.post("/account/address/code", {"code": code})
        assert journey.email == NEW
        return journey.link(UNDO, journey.customer.email)

    return change


def test_an_app_older_than_the_change_confirms_the_undo(journey, changed):
    link = changed()
    seed = app_of(journey.customer, age=timedelta(days=8))

    to_factor = journey.visitor.post(link, UNDO_IT)
    assert to_factor.headers["Location"] == f"{link}/factor"
    assert journey.visitor.get(f"{link}/factor").status_code == 200
    wrong = journey.visitor.post(f"{link}/factor", {"method": "app", "code": "000000"})
    assert wrong.status_code == 422
    assert journey.email == NEW
    done = journey.visitor.post(f"{link}/factor", {"method": "app", "code": app_code(seed)})

    assert "is diane@example.org again" in re.sub(r"\s+", " ", done.content.decode())
    assert journey.email == journey.customer.email
    assert Change.objects.get().state == "undone"
    again = journey.visitor.post(f"{link}/factor", {"method": "app", "code": app_code(seed)})
    assert again.status_code == 410


def test_a_recovery_code_older_than_the_change_confirms_the_undo(journey, changed):
    link = changed()
    app_of(journey.customer, age=timedelta(days=8))
    now = timezone.now() - timedelta(days=8)
    written = recovery_codes.replace_all(journey.customer.account.pk, at_creation=False, now=now)
    journey.visitor.post(link, UNDO_IT)

    journey.visitor.post(f"{link}/factor", {"method": "code", "code": written[0]})

    assert journey.email == journey.customer.email
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=6, hours=23)])
def test_a_factor_that_the_thief_set_up_confirms_nothing(journey, changed, age):
    link = changed()
    seed = app_of(journey.customer, age=age)

    answer = journey.visitor.post(link, UNDO_IT)

    assert "Customer service looks into it" in answer.content.decode()
    answer = journey.visitor.post(f"{link}/factor", {"method": "app", "code": app_code(seed)})
    assert answer.headers["Location"] == link
    assert journey.email == NEW


def test_beside_an_old_factor_a_young_one_still_confirms_nothing(journey, changed):
    link = changed()
    app_of(journey.customer, age=timedelta(days=30))
    young = app_of(journey.customer, age=timedelta(days=1))
    journey.visitor.post(link, UNDO_IT)

    answer = journey.visitor.post(f"{link}/factor", {"method": "app", "code": app_code(young)})

    assert answer.status_code == 422
    assert "at least 7 days before the change" in answer.content.decode()
    assert journey.email == NEW


def test_guessed_factors_are_counted_and_end(journey, changed):
    link = changed()
    seed = app_of(journey.customer, age=timedelta(days=30))
    journey.visitor.post(link, UNDO_IT)

    answers = [
        journey.visitor.post(f"{link}/factor", {"method": "app", "code": "000000"})
        for _ in range(12)
    ]

    assert answers[-1].status_code == 429
    answer = journey.visitor.post(f"{link}/factor", {"method": "app", "code": app_code(seed)})
    assert answer.status_code == 429
    assert journey.email == NEW


def test_who_has_both_may_choose(journey, changed):
    recovery(journey.customer)
    link = changed()
    app_of(journey.customer, age=timedelta(days=30))

    page = journey.visitor.post(link, UNDO_IT).content.decode()

    assert "A code is on its way to your recovery address" in page
    assert f"{link}/factor" in page
    other = journey.visitor.get(f"{link}/factor").content.decode()
    assert f'href="{link}/code"' in other
    assert SPARE not in other
