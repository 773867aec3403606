"""Factors that are lost, removed, or sealed with a secret that is gone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.factors import operations as factors
from nichandle.identity.factors.models import RecoveryCode, SecurityKey, Totp
from nichandle.identity.factors.queries import factors_of
from nichandle.identity.factors.totp import SEED
from nichandle.identity.signin.tests.second_steps import give, half_way
from nichandle.platform.jobs.registry import PERIODIC
from nichandle.platform.kernel import tokens
from nichandle.sites.area.views import factors as factor_pages
from tests.support.people import PASSWORD, app_code, set_up_app

pytestmark = pytest.mark.django_db


PROCEDURE = "/procedure"


def test_seeds_are_sealed_with_todays_secret_so_that_the_old_one_may_go(
    customer, seed, visitor, settings, monkeypatch
):
    monkeypatch.setattr(factors, "AT_ONCE", 1)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    PERIODIC["factors.renew_seeds"].run(now=timezone.now())
    settings.SECRET_KEY_FALLBACKS = []

    assert tokens.unseal(Totp.objects.get().seed, SEED) == seed
    assert give(half_way(customer, visitor), app_code(seed)).headers["Location"] == "/area"


def test_an_app_whose_secret_is_gone_does_not_break_the_others(customer, seed, visitor, settings):
    lost = Totp.objects.get()
    lost.pk, lost.seed, lost.seed_digest = None, tokens.seal("JBSWY3DPEHPK3PXP", SEED), "another"
    kept, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 50
    lost.seed = tokens.seal("JBSWY3DPEHPK3PXP", SEED)
    settings.SECRET_KEY = kept
    lost.save(force_insert=True)

    assert give(half_way(customer, visitor), app_code(seed)).headers["Location"] == "/area"


def test_recovery_codes_outlive_a_change_of_the_secret_and_are_not_counted_without_it(
    customer, visitor, settings
):
    _seed, codes = set_up_app(customer)
    first = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [first]
    assert factors_of(customer.account.pk).codes_left == 10
    answer = give(half_way(customer, visitor), codes[0], method="code")
    assert answer.headers["Location"] == "/area"

    settings.SECRET_KEY_FALLBACKS = []
    assert factors_of(customer.account.pk).codes_left == 0


def test_a_case_about_lost_factors_takes_them_all(customer, clock, visitor):
    set_up_app(customer)
    factors.remove_all(customer.account.pk)

    typed = {"identifier": customer.handle, "password": PASSWORD}
    assert customer.browser.post("/signin", typed).headers["Location"] == "/area"
    assert not RecoveryCode.objects.exists()


@pytest.fixture
def copied_key(customer, clock):
    """An account whose only key seems to have a copy, and no code left."""
    now = timezone.now()
    return SecurityKey.objects.create(
        account=customer.account,
        name="Key",
        credential_id="abcd",
        public_key=b"",
        sign_count=0,
        discoverable=False,
        user_verified=False,
        created_at=now - timedelta(days=30),
        copied_at=now,
    )


def test_with_no_factor_that_works_the_way_leads_to_the_procedure(customer, copied_key, visitor):
    half_way(customer, visitor)
    for answer in (visitor.get("/signin/factor"), give(visitor, "000000")):
        assert answer.status_code == 200
        assert f'href="{PROCEDURE}"' in answer.content.decode()


def test_nor_does_a_change_of_factors_break_without_one(customer, copied_key):
    SecurityKey.objects.all().delete()
    browser = customer.sign_in()
    copied_key.pk = None
    copied_key.save(force_insert=True)

    for address in ("/account/security/factors/codes", "/account/pause/factor"):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert f'href="{PROCEDURE}"' in answer.content.decode()


def test_who_lost_their_factors_finds_the_procedure(customer, seed, visitor):
    half_way(customer, visitor)
    page = visitor.get("/signin/factor").content.decode()
    assert re.search(rf'href="{PROCEDURE}">I no longer have any of them', page)


def test_a_factor_removed_meanwhile_is_no_crash_when_it_is_named(customer, seed, monkeypatch):
    browser = customer.sign_in(code=app_code(seed))
    app, own = Totp.objects.get(), factor_pages._own

    def removed_meanwhile(*args):
        found = own(*args)
        Totp.objects.all().delete()
        return found

    monkeypatch.setattr(factor_pages, "_own", removed_meanwhile)
    answer = browser.post(
        f"/account/security/factors/app/{app.pk}/name", {"name": "Phone"}, follow=True
    )
    assert answer.status_code == 200
    assert "This factor is no longer there." in answer.content.decode()
