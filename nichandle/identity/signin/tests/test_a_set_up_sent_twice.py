"""The same set-up sent twice: what is true is said, and the way to new recovery codes."""

import re

import pytest

from nichandle.identity.factors.models import RecoveryCode, Totp
from tests.support.people import app_code

pytestmark = pytest.mark.django_db
FACTORS = "/account/security/factors"


def setup_of(browser) -> tuple[str, str]:
    page = browser.get(f"{FACTORS}/app").content.decode()
    seed = re.search(r'class="seed">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    return seed, re.search(r'name="setup" value="([^"]+)"', page)[1]


def test_an_app_sent_twice_leads_to_the_page_where_new_codes_are_made(customer):
    browser = customer.sign_in()
    seed, sealed = setup_of(browser)
    given = {"name": "Telephone", "setup": sealed, "code": app_code(seed)}
    assert "recovery codes" in browser.post(f"{FACTORS}/app", given).content.decode()
    kept = set(RecoveryCode.objects.values_list("pk", flat=True))

    again = browser.post(f"{FACTORS}/app", given, follow=True)

    assert again.redirect_chain[-1][0] == FACTORS
    page = again.content.decode()
    assert "It is set up already" in page
    assert f'href="{FACTORS}/codes"' in page
    assert Totp.objects.count() == 1
    assert set(RecoveryCode.objects.values_list("pk", flat=True)) == kept


def test_a_square_of_somebody_else_is_still_refused(customer, stranger):
    _seed, sealed = setup_of(customer.sign_in())

    other = stranger.sign_in().post(
        f"{FACTORS}/app", {"name": "x", "setup": sealed, "code": "000000"}
    )

    assert other.status_code == 422
    assert "Scan the new code" in other.content.decode()
