"""Where the operator asks everybody for a factor."""

import re

import pytest
from django.utils import timezone

from nichandle.identity.factors.models import Totp
from nichandle.identity.pauses import operations as pauses
from nichandle.identity.signin.sessions import queries
from nichandle.identity.signin.tests.factor_pages import FACTORS, add, remove
from nichandle.platform.kernel.act import Act

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def demanded(settings):
    settings.NICHANDLE_REQUIRE_FACTOR = True


@pytest.mark.parametrize("page", ["/area", "/account", "/account/edit", "/services"])
def test_where_a_factor_is_demanded_there_is_nothing_else_before_it(customer, demanded, page):
    browser = customer.sign_in()

    assert browser.get(page).headers["Location"] == FACTORS
    assert browser.post(page).headers["Location"] == FACTORS
    assert "asks everybody for a second factor" in browser.get(FACTORS).content.decode()


def test_one_may_still_leave_and_change_the_language(customer, demanded):
    browser = customer.sign_in()
    assert browser.post("/language", {"language": "fr"}).headers["Location"] == "/"
    assert "second facteur" in browser.get(FACTORS).content.decode()
    assert browser.post("/signout").headers["Location"] == "/signin"


def test_with_the_factor_all_is_open_and_with_its_removal_closed_again(customer, demanded):
    browser = customer.sign_in()
    answer, _seed = add(browser)
    codes = re.findall(r'name="code" value="([^"]+)"', answer.content.decode())
    assert browser.get("/area").status_code == 200

    remove(browser, Totp.objects.get(), "code", codes[0])
    assert browser.get("/area").headers["Location"] == FACTORS


def test_the_demand_costs_no_statement_of_its_own(customer, demanded, django_assert_num_queries):
    browser = customer.sign_in()
    add(browser)
    with django_assert_num_queries(1):
        assert browser.get("/area/identifier").status_code == 200


def test_a_room_may_demand_a_factor_of_some_accounts(customer, stranger, monkeypatch):
    """As the desk will of its agents."""
    condition = "a.email = 'diane@example.org'"
    monkeypatch.setattr(queries, "DEMANDS", [*queries.DEMANDS, lambda: condition])

    assert customer.sign_in().get("/area").headers["Location"] == FACTORS
    assert stranger.sign_in().get("/area").status_code == 200


def test_who_must_set_up_a_factor_reaches_what_a_pause_never_stops(customer, settings):
    """A factor cannot be added during a pause: every page would have led to that page."""
    browser = customer.sign_in()
    settings.NICHANDLE_REQUIRE_FACTOR = True
    pauses.begin(
        account_id=customer.account.pk,
        cause="reset_by_recovery",
        act=Act.by_itself(timezone.now()),
    )

    for address in ("/account/pause", "/account/password", "/account/sessions"):
        assert browser.get(address).status_code == 200, address
    for address, leads in (
        ("/account/pause/code", "/account/pause"),
        ("/account/sessions/end", "/account/sessions"),
        ("/account/sessions/end-others", "/account/sessions"),
    ):
        assert browser.post(address).headers["Location"] == leads
    assert browser.get("/account/edit").headers["Location"] == "/account/security/factors"
