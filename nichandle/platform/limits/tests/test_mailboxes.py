"""What one mailbox is sent at a stranger's word leaves its owner a whole course of mails."""

import pytest

from nichandle.platform.limits.catalogue import CATALOGUE
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.mailboxes import SHARES, spend_mail

pytestmark = pytest.mark.django_db
OWNER, STRANGER = "198.51.100.7", "203.0.113.9"
COURSE = 4
"""The first mail and three more: what each of the pages sends at most for one request."""


def spent(name, network, now, mailbox="diane@example.net"):
    """Ask until it is refused; return how many were allowed."""
    for number in range(20):
        try:
            spend_mail(name, mailbox=mailbox, network=network, now=now)
        except Exhausted:
            return number
    raise AssertionError("no limit")


@pytest.mark.parametrize("name", SHARES)
def test_a_network_may_spend_half_and_the_owner_has_the_rest(name, now):
    assert spent(name, STRANGER, now) == COURSE
    assert spent(name, OWNER, now) == COURSE
    assert spent(name, "192.0.2.1", now) == 0, "the mailbox's own total stays"
    assert spent(name, STRANGER, now, mailbox="other@example.net") == COURSE


@pytest.mark.parametrize("name", SHARES)
def test_all_the_networks_of_one_house_are_one(name, now):
    asked = [spent(name, f"2001:db8:1:{number:x}::/64", now) for number in range(3)]

    assert asked == [COURSE, 0, 0]
    assert spent(name, "2001:db8:2::/64", now) == COURSE


@pytest.mark.parametrize(("name", "share"), SHARES.items())
def test_a_share_is_half(name, share):
    assert CATALOGUE[share].count * 2 == CATALOGUE[name].count
    assert CATALOGUE[share].window == CATALOGUE[name].window
