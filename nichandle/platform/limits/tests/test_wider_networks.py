"""Of IPv6 the wider networks are counted too: nobody has more by having more addresses."""

from datetime import timedelta

import pytest

from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits import operations
from nichandle.platform.limits.catalogue import CATALOGUE, changed
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.models import Allowance

NAME = "signup.network"
LIMIT = CATALOGUE[NAME]

pytestmark = pytest.mark.django_db


def network(*, site: int = 1, subnet: int = 0) -> str:
    return Origin(f"2001:db8:{site:x}:{subnet:x}::7", "").network


def spend(now, **where) -> None:
    operations.spend(NAME, key=network(**where), now=now)


def allowed(now, subnets) -> int:
    count = 0
    for subnet in subnets:
        try:
            spend(now, subnet=subnet)
        except Exhausted:
            return count
        count += 1
    return count


@pytest.mark.parametrize(
    ("step", "times"), [(1, 2), (0x100, 4)], ids=["one /56", "one /48, always another /56"]
)
def test_another_64_every_time_gives_twice_or_four_times_the_allowance(now, step, times):
    # Within a /56 there are 256 networks of the width counted first.
    subnets = (number * step % 0x10000 for number in range(10 * LIMIT.count))

    assert allowed(now, subnets) == times * LIMIT.count


def test_what_a_wide_network_is_refused_ends_with_its_window(now):
    allowed(now, range(256))

    with pytest.raises(Exhausted) as refusal:
        spend(now, subnet=7)
    assert refusal.value.retry_at == now + LIMIT.window
    spend(now + LIMIT.window, subnet=7)


def test_another_site_has_its_own(now):
    allowed(now, range(256))

    spend(now, site=2)


def test_looking_sees_the_wide_networks_and_counts_nothing(now):
    allowed(now, range(200))
    before = list(Allowance.objects.values_list("name", "count").order_by("pk"))

    with pytest.raises(Exhausted):
        operations.check((NAME, network(subnet=99)), now=now)
    spent = operations.look((NAME, network(subnet=99)), now=now)
    assert spent.keys() == {NAME}
    assert spent[NAME].refusal
    assert operations.left(NAME, key=network(subnet=99), now=now) == 0
    assert list(Allowance.objects.values_list("name", "count").order_by("pk")) == before


def test_it_costs_one_statement_as_it_does_for_ipv4(now, django_assert_num_queries):
    with django_assert_num_queries(1):
        spend(now)
    with django_assert_num_queries(1):
        operations.look((NAME, network()), ("recovery.network", network()), now=now)
    with django_assert_num_queries(1):
        operations.reset(NAME, key=network())
    assert not Allowance.objects.exists()


def test_an_operator_s_limit_is_that_of_the_wide_networks_too(now, settings):
    settings.NICHANDLE_LIMITS = changed(f"{NAME}=3/1d")

    assert allowed(now, range(50)) == 6


def test_rows_of_wide_networks_go_with_the_others(now):
    spend(now)
    assert Allowance.objects.count() == 3

    assert operations.clear_old(now=now + timedelta(minutes=59)) == 0
    assert operations.clear_old(now=now + timedelta(hours=2)) == 3


def test_what_somebody_typed_is_no_network(now):
    operations.spend("signin.typed", key="2001:db8::/64", now=now)

    assert Allowance.objects.count() == 1


def test_ipv4_has_one_network(now):
    operations.spend(NAME, key=Origin("192.0.2.1", "").network, now=now)

    assert Allowance.objects.count() == 1


def test_of_several_networks_that_are_spent_the_one_that_frees_last_is_said(now):
    """The site was spent half an hour before the network itself."""
    later = now + timedelta(minutes=30)
    for narrow in ("2001:db8::/64", "2001:db8:0:1::/64"):
        for _ in range(30):
            operations.spend("signup.network", key=narrow, now=now)
    for _ in range(30):
        with pytest.raises(Exhausted) as refused:
            operations.spend("signup.network", key="2001:db8:0:2::/64", now=later)
        assert refused.value.retry_at == now + timedelta(hours=1)

    with pytest.raises(Exhausted) as refused:
        operations.spend("signup.network", key="2001:db8:0:2::/64", now=later)
    assert refused.value.retry_at == later + timedelta(hours=1)
