"""The edge: whose address is believed, what is refused unread, which headers leave."""

import pytest
from django.test import RequestFactory

from nichandle.config.serving.edge import caller, holds_nul

PROXIES = ("10.0.0.0/8", "2001:db8::/32")


@pytest.mark.parametrize(
    ("remote", "forwarded", "believed"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8::1", "2a00::7", "2a00::7"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:192.0.2.1", None, "192.0.2.1"),
        ("", "203.0.113.9", ""),
        ("unix:", "203.0.113.9", ""),
        ("10.0.0.1", "198.51.100.1, ::ffff:203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9"),
    ],
)
def test_only_what_a_trusted_proxy_appended_is_believed(settings, remote, forwarded, believed):
    settings.NICHANDLE_TRUSTED_PROXIES = PROXIES
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}

    assert caller(RequestFactory(headers=headers).get("/", REMOTE_ADDR=remote)) == believed


def test_without_trusted_proxies_nobody_is_believed(settings):
    settings.NICHANDLE_TRUSTED_PROXIES = ()
    request = RequestFactory(headers={"x-forwarded-for": "203.0.113.9"}).get(
        "/", REMOTE_ADDR="10.0.0.1"
    )

    assert caller(request) == "10.0.0.1"


def test_nul_is_found_wherever_it_hides():
    web = RequestFactory()

    assert holds_nul(web.get("/a\0b"))
    assert holds_nul(web.get("/?name=a%00b"))
    assert holds_nul(web.post("/", {"name": "a\0b"}))
    assert not holds_nul(web.post("/", {"name": "ab"}))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/", "/signin", "/nowhere", "/healthz", "/signin?x=%00", "/brand.css"]
)
def test_every_answer_carries_the_headers(client, address):
    answer = client.get(address)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in policy


@pytest.mark.django_db
def test_nul_is_answered_with_a_page_that_helps(client):
    answer = client.post("/signin", {"identifier": "dm\0"})

    assert answer.status_code == 400
    assert "<h1" in answer.content.decode()


@pytest.mark.django_db
def test_an_endless_form_is_answered_with_the_same_page(client):
    answer = client.post("/signin", {f"field{number}": "x" for number in range(500)})

    assert answer.status_code == 400
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.django_db
def test_maintenance_answers_everything_but_the_check_of_life(client, settings):
    settings.NICHANDLE_MAINTENANCE = True

    closed = client.get("/")
    assert closed.status_code == 503
    assert "<h1" in closed.content.decode()
    assert client.post("/signin", {"identifier": "x"}).status_code == 503
    assert client.get("/healthz").status_code == 200
