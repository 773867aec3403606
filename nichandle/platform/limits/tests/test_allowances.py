"""Allowances are counted by the database, and refused with a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import translation

from nichandle.platform.kernel.database import run_together
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits import operations
from nichandle.platform.limits.catalogue import CATALOGUE, changed
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.models import Allowance

NAME = "recovery.account"
LIMIT = CATALOGUE[NAME]

pytestmark = pytest.mark.django_db


def spend_all(now, key="a") -> None:
    for _ in range(LIMIT.count):
        operations.spend(NAME, key=key, now=now)


def test_what_is_beyond_the_limit_is_refused_with_the_time_to_wait(now):
    spend_all(now)

    with pytest.raises(Exhausted) as refusal:
        operations.spend(NAME, key="a", now=now + timedelta(minutes=5))

    assert refusal.value.retry_at == now + LIMIT.window
    with translation.override("en"):
        assert str(refusal.value) == "Too many tries. Try again in 55 minutes."


@pytest.mark.parametrize("network", ["192.0.2.7", "2001:db8:1:2::7"])
def test_what_is_forgotten_is_all_that_one_key_has_spent_of_one_limit(now, network):
    signup, signin = CATALOGUE["signup.network"], CATALOGUE["signin.network"]
    mine, other = Origin(network, "").network, Origin("198.51.100.7", "").network
    for key in (mine, other):
        operations.spend("signup.network", key=key, now=now)
    operations.spend("signin.network", key=mine, now=now)

    run_together([operations.forgetting("signup.network", key=mine)])

    assert operations.left("signup.network", key=mine, now=now) == signup.count
    assert operations.left("signup.network", key=other, now=now) == signup.count - 1
    assert operations.left("signin.network", key=mine, now=now) == signin.count - 1
    assert not Allowance.objects.filter(name__startswith="signup.network/").exists()


@pytest.mark.parametrize("limit", [one for one in CATALOGUE.values() if one.grows])
def test_what_a_standard_bounds_may_be_made_stricter_and_no_looser(limit):
    days = limit.window.days
    for count in (1, limit.count - 1, limit.count):
        for longer in (days, days + 1):
            (made,) = changed(f"{limit.name}={count}/{longer}d").values()
            assert (made.count, made.window) == (count, timedelta(days=longer))
    with pytest.raises(ValueError, match=f"must allow at most {limit.count} for {limit.name}"):
        changed(f"{limit.name}={limit.count + 1}/{days}d")
    with pytest.raises(ValueError, match=f"must remember {limit.name} for at least {days} days"):
        changed(f"{limit.name}={limit.count}/{days - 1}d")


@pytest.mark.parametrize("written", ["1/1m", "31/1d", "999999/1d"])
def test_what_no_standard_bounds_is_the_operator_s_to_choose(written):
    (made,) = changed(f"{NAME}={written}").values()

    assert made.count == int(written.partition("/")[0])


def test_an_operator_s_own_limit_is_in_force(now, settings):
    settings.NICHANDLE_LIMITS = changed(f"{NAME}=2/1d")
    for _ in range(2):
        operations.spend(NAME, key="a", now=now)

    with pytest.raises(Exhausted) as refusal:
        operations.spend(NAME, key="a", now=now)
    assert refusal.value.retry_at == now + timedelta(days=1)
    assert operations.left(NAME, key="b", now=now) == 2
    # Nothing of the longer window is cleared away by the shorter one of the list.
    assert operations.clear_old(now=now + LIMIT.window * 2) == 0


def test_keys_do_not_share_an_allowance(now):
    spend_all(now)
    operations.spend(NAME, key="b", now=now)


def test_a_new_window_begins_after_the_old_one(now):
    spend_all(now)
    operations.spend(NAME, key="a", now=now + LIMIT.window)

    assert Allowance.objects.get().count == 1


def test_looking_counts_nothing_and_is_one_statement(now, django_assert_num_queries):
    spend_all(now)
    with django_assert_num_queries(1), pytest.raises(Exhausted):
        operations.check((NAME, "a"), ("signin.network", "x"), now=now)
    assert Allowance.objects.get().count == LIMIT.count
    operations.check((NAME, "other"), now=now)


def test_spending_is_one_statement_refused_or_not(now, django_assert_num_queries):
    with django_assert_num_queries(LIMIT.count):
        spend_all(now)
    with django_assert_num_queries(1), pytest.raises(Exhausted):
        operations.spend(NAME, key="a", now=now)


def test_what_was_spent_while_the_clock_was_ahead_binds_nobody_for_years(now):
    spend_all(now + timedelta(days=400))
    operations.check((NAME, "a"), now=now)
    operations.spend(NAME, key="a", now=now)

    assert Allowance.objects.get().started_at == now


def test_a_clock_a_little_behind_another_gives_nothing_away(now):
    spend_all(now + timedelta(seconds=2))
    with pytest.raises(Exhausted):
        operations.spend(NAME, key="a", now=now)


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (0.2, "1 second", "1 seconde"),
        (59.5, "1 minute", "1 minute"),
        (61, "2 minutes", "2 minutes"),
        (59 * 60, "59 minutes", "59 minutes"),
        (3601, "2 hours", "2 heures"),
    ],
)
def test_the_time_to_wait_is_said_in_the_readers_language(now, seconds, english, french):
    refusal = Exhausted(name=NAME, retry_at=now + timedelta(seconds=seconds), now=now)
    with translation.override("en"):
        assert str(refusal).endswith(f"in {english}.")
    with translation.override("fr"):
        assert french in str(refusal)


def test_a_reset_gives_everything_back(now):
    spend_all(now)
    operations.reset(NAME, key="a")
    operations.spend(NAME, key="a", now=now)


def test_the_table_does_not_tell_whom_it_limits(now):
    operations.spend(NAME, key="diane@example.org", now=now)

    assert "diane" not in str(Allowance.objects.values())


def test_old_rows_go(now):
    operations.spend(NAME, key="a", now=now)
    assert operations.clear_old(now=now + timedelta(hours=1)) == 0
    assert operations.clear_old(now=now + timedelta(days=2)) == 1


def test_an_unlisted_limit_is_a_bug(now):
    with pytest.raises(KeyError):
        operations.spend("no.such", key="a", now=now)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_tries_are_all_counted(now):
    def one_try(_number: int) -> bool:
        try:
            operations.spend(NAME, key="a", now=now)
        except Exhausted:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(one_try, range(40)))

    assert sum(allowed) == LIMIT.count
    assert Allowance.objects.get().count == 40
