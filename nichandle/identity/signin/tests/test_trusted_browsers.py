"""A browser that is trusted is asked for no factor."""

from datetime import timedelta

import pytest

from nichandle.identity.factors.models import TrustedBrowser
from nichandle.identity.signin.sessions import ending
from nichandle.identity.signin.tests.second_steps import FACTOR, a_browser, give, half_way
from nichandle.platform.kernel.database import is_postgresql
from tests.support.people import PASSWORD, app_code, set_up_app

pytestmark = pytest.mark.django_db


def test_a_trusted_browser_is_asked_for_no_factor_for_thirty_days(customer, seed, visitor, clock):
    give(half_way(customer, visitor), app_code(seed), trust="on")
    visitor.post("/signout")
    typed = {"identifier": customer.handle, "password": PASSWORD}

    assert visitor.post("/signin", typed).headers["Location"] == "/area"
    half_way(customer, a_browser())
    clock.shift(timedelta(days=30))
    assert visitor.post("/signin", typed).headers["Location"] == FACTOR


def test_how_long_a_browser_is_trusted_is_the_operators_choice(
    customer, seed, visitor, clock, settings
):
    settings.NICHANDLE_TRUST_DAYS = timedelta(days=1)
    half_way(customer, visitor)
    assert "Trust this browser for 1 day" in visitor.get("/signin/factor").content.decode()
    give(visitor, app_code(seed), trust="on")
    clock.shift(timedelta(days=1))
    half_way(customer, visitor)


def test_trust_belongs_to_one_account(customer, stranger, clock, visitor):
    seed = set_up_app(customer, days_ago=30)[0]
    set_up_app(stranger, days_ago=30)
    give(half_way(customer, visitor), app_code(seed), trust="on")

    del visitor.cookies["session"]
    half_way(stranger, visitor)


@pytest.mark.parametrize(
    "act",
    [
        lambda p: ending.end_all(account_id=p.account.pk),
        lambda p: p.browser.post("/account/sessions/end-others"),
        lambda p: p.browser.post("/account/security/factors/trust/end"),
        lambda p: p.browser.post(
            "/account/password", {"current": PASSWORD, "password": "carafe violette sur le quai"}
        ),
    ],
)
def test_trust_ends_with_what_ends_sessions(customer, seed, act):
    give(half_way(customer, customer.browser), app_code(seed), trust="on")
    assert TrustedBrowser.objects.count() == 1

    act(customer)

    assert not TrustedBrowser.objects.exists()


def test_a_trusted_browser_signs_in_within_three_round_trips(
    customer, seed, visitor, django_assert_max_num_queries
):
    give(half_way(customer, visitor), app_code(seed), trust="on")
    visitor.post("/signout")
    with django_assert_max_num_queries(30) as seen:
        visitor.post("/signin", {"identifier": customer.handle, "password": PASSWORD})
    statements = [
        one["sql"]
        for one in seen.captured_queries
        if not one["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
    ]
    assert len(statements) <= (3 if is_postgresql() else 12), statements
