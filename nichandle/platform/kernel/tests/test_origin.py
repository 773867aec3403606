"""Where an act came from, as it is limited and as it is told to a person."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.kernel.wording.browsers import FAMILIES, SYSTEMS, recognised

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


@pytest.mark.parametrize(
    "agent",
    [
        "",
        " ",
        "\x7f",
        "(" * 300,
        "é" * 300,
        "ovh-python/1.2 something",
        "http://evil.example/win-1000-euros-now!!",
        "evil.example/1.0 (win; at; evil.example)",
        "WinAtEvilBot/1.0",
        "Mozilla/5.0 (compatible; CallUsAt0900Bot/2.1; +http://evil.example)",
        "Mozilla/5.0 (Windows NT 10.0) CallUs/900 (http://evil.example)",
        "\u202eelpmaxe.live",
        "<b>Firefox</b>",
    ],
)
def test_what_is_no_browser_we_know_has_no_name(agent):
    assert Origin(None, agent).browser == ""


@given(st.text(max_size=300), st.sampled_from(["{}", FIREFOX + "{}", "{} " + IPHONE, "{}/5"]))
def test_nobody_chooses_the_words_for_a_browser(text, form):
    said = Origin(None, form.replace("{}", text)).browser

    assert recognised(said) == said
    name, _comma, system = said.partition(", ")
    assert not said or name.rstrip(" 0123456789") in FAMILIES
    assert not system or system in SYSTEMS


def test_a_version_is_a_short_number():
    agent = FIREFOX.replace("Firefox/145.0", "Firefox/0900123456.0")

    assert Origin(None, agent).browser == "Firefox, Linux"


@pytest.mark.parametrize(
    "kept", ["http://evil.example/win", "Firefox 145, Evil", "Firefox 1450", "x"]
)
def test_a_name_that_an_earlier_commit_kept_is_said_only_if_it_is_one(kept):
    assert recognised(kept) == ""
    assert recognised("Firefox 145, Linux") == "Firefox 145, Linux"


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
