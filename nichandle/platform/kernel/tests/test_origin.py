"""Where an act came from, as it is limited and as it is told to a person."""

import pytest
from django.test import RequestFactory

from nichandle.platform.kernel.origin import NOWHERE, Origin

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        (None, ""),
    ],
)
def test_neighbours_share_a_network(ip, network):
    assert Origin(ip, "").network == network


def test_the_browser_is_told_in_words():
    assert Origin(None, FIREFOX).browser == "Firefox 145, Linux"
    assert Origin(None, IPHONE).browser == "Mobile Safari 18, iOS"


def test_an_unknown_browser_is_told_by_its_first_word():
    assert Origin(None, "ovh-python/1.2 something").browser.startswith("ovh-python")


@pytest.mark.parametrize("agent", ["", " ", "\x7f", "(" * 300, "é" * 300])
def test_any_agent_can_be_told(agent):
    assert len(Origin(None, agent).browser) <= 100


def test_it_is_read_off_a_request():
    request = RequestFactory(headers={"user-agent": FIREFOX}).get("/", REMOTE_ADDR="192.0.2.1")

    assert Origin.of(request) == Origin("192.0.2.1", FIREFOX)


def test_an_endless_agent_is_cut():
    request = RequestFactory(headers={"user-agent": "x" * 10_000}).get("/")

    assert len(Origin.of(request).agent) == 300


def test_a_caller_without_an_address_comes_from_nowhere():
    assert Origin.of(RequestFactory().get("/", REMOTE_ADDR="")).ip is None
    assert NOWHERE.network == ""
    assert NOWHERE.browser == ""
