"""Every address of a sensitive act asks for a fresh sign-in; the overview names one next step."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.factors.models import RecoveryCode, Totp
from nichandle.sites.area.security import FEW_CODES
from tests.support.people import app_code, set_up_app

pytestmark = pytest.mark.django_db
FACTORS = "/account/security/factors"
NETWORKS = "/account/security/networks"
SENSITIVE = (
    ("get", f"{FACTORS}/app"),
    ("post", f"{FACTORS}/app"),
    ("get", f"{FACTORS}/key"),
    ("post", f"{FACTORS}/key"),
    ("get", f"{FACTORS}/codes"),
    ("post", f"{FACTORS}/codes"),
    ("get", f"{FACTORS}/app/1/remove"),
    ("post", f"{FACTORS}/app/1/remove"),
    ("post", "/account/recovery-addresses"),
    ("post", "/account/recovery-addresses/1/remove"),
    ("post", NETWORKS),
    ("post", f"{NETWORKS}/others"),
    ("post", f"{NETWORKS}/1/remove"),
    ("post", "/account/address"),
    ("post", "/account/address/resume"),
    ("get", "/contacts/change"),
    ("post", "/contacts/change"),
    ("post", "/contacts/requests/1/accept"),
    ("post", "/contacts/requests/1/begin"),
    ("post", "/contacts/requests/1/resume"),
)
"""Section 4a of the behaviour, as far as there are pages."""


@pytest.mark.parametrize(("method", "address"), SENSITIVE)
def test_a_stale_session_is_asked_to_sign_in_again(customer, method, address):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        clock.shift(timedelta(minutes=9))
        assert "Sign in again" not in getattr(browser, method)(address).content.decode()
        clock.shift(timedelta(minutes=2))

        asked = getattr(browser, method)(address)

    assert asked.status_code == 200
    assert "Sign in again" in asked.content.decode()


def steps(browser) -> list[str]:
    """Return the primary buttons of the card that names the next step."""
    page = browser.get("/account/security").content.decode()
    cards = re.findall(r'<section class="card next".*?</section>', page, re.DOTALL)
    return [
        one for card in cards for one in re.findall(r'class="button primary"[^>]*>([^<]*)', card)
    ]


def test_the_overview_names_one_next_step_the_most_worth_first(customer):
    now = timezone.now()

    def add(address: str, *, proven: bool):
        return customer.account.recovery_addresses.create(
            address=address,
            address_key=address,
            added_at=now - timedelta(days=8),
            proven_at=now - timedelta(days=8) if proven else None,
        )

    browser = customer.sign_in()
    assert steps(browser) == ["Add a recovery address"]
    waiting = add("one@example.net", proven=False)
    assert steps(browser) == ["Enter the code"]
    waiting.proven_at = now
    waiting.save()
    assert steps(browser) == ["Set up a second factor"]
    seed = set_up_app(customer, days_ago=30)[0]
    browser = customer.sign_in(code=app_code(seed))
    assert steps(browser) == ["Add a recovery address"], "a second one"
    kept = list(RecoveryCode.objects.values_list("pk", flat=True))[:FEW_CODES]
    RecoveryCode.objects.exclude(pk__in=kept).update(used_at=now)
    assert steps(browser) == ["Make new codes"]
    RecoveryCode.objects.update(used_at=None)
    add("two@example.net", proven=True)
    assert steps(browser) == []
    assert "There is nothing to do." in browser.get("/account/security").content.decode()
    Totp.objects.all().delete()
    assert steps(browser) == ["Set up a second factor"]
