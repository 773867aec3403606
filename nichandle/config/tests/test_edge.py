"""The edge: whose address is believed, what is refused unread, which headers leave."""

import pytest
from django.test import Client, RequestFactory

from nichandle.config.serving import edge, journal
from nichandle.config.serving.edge import caller, holds_nul
from nichandle.config.serving.journal import Seldom

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
        ("10.0.0.1", "198.51.100.7:54321", "198.51.100.7"),
        ("10.0.0.1", "192.0.2.1:1, 198.51.100.7:54321", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7:1, 10.0.0.2:443", "198.51.100.7"),
        ("10.0.0.1", "[2a00::7]:4711", "2a00::7"),
        ("10.0.0.1", "[2a00::7]", "2a00::7"),
        ("10.0.0.1", '"[2a00::7]:4711"', "2a00::7"),
        ("10.0.0.1", "2A00:0::7", "2a00::7"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "[fe80::1%25eth0]:80", "fe80::1"),
        ("10.0.0.1", "[::ffff:203.0.113.9]:80", "203.0.113.9"),
        ("10.0.0.1:4711", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9,", "203.0.113.9"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9:port", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9:123456", "10.0.0.1"),
        ("10.0.0.1", "[203.0.113.9", "10.0.0.1"),
        ("192.0.2.1", "[2a00::7]:4711", "192.0.2.1"),
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


def test_an_entry_that_is_no_address_is_said_once(settings, caplog):
    settings.NICHANDLE_TRUSTED_PROXIES = ("198.18.0.0/15",)
    for _ in range(3):
        request = RequestFactory(headers={"x-forwarded-for": "hidden"}).get(
            "/", REMOTE_ADDR="198.18.7.7"
        )
        caller(request)

    (said,) = caplog.messages
    assert "198.18.7.7" in said
    assert "X-Forwarded-For" in said


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


PRODUCTION = {"BASE_URL": "https://area.example", "ALLOWED_HOSTS": ["area.example"]}


@pytest.fixture
def in_production(settings):
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    settings.CSRF_TRUSTED_ORIGINS = [PRODUCTION["BASE_URL"]]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/signin", "/nowhere", "/healthz", "/brand.css"])
def test_browsers_are_told_to_come_by_https_only(client, in_production, address):
    answer = client.get(address, headers={"host": "area.example"})

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.django_db
def test_who_serves_without_https_says_nothing_of_it(client):
    assert "Strict-Transport-Security" not in client.get("/signin").headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://area.example"}, 200),
        ({"origin": "http://area.example"}, 403),
        ({"origin": "https://area.example:8443"}, 403),
        ({"origin": "null"}, 403),
        ({"referer": "https://area.example/signin"}, 200),
        ({"referer": "http://area.example/signin"}, 403),
        ({"referer": "https://evil.example/"}, 403),
        ({}, 403),
    ],
)
def test_forms_are_taken_from_our_own_sealed_pages_only(in_production, headers, status):
    browser = Client(enforce_csrf_checks=True)
    browser.get("/signin", headers={"host": "area.example"})
    token = browser.cookies["csrf"].value
    answer = browser.post(
        "/signin",
        {"identifier": "", "password": "", "csrfmiddlewaretoken": token},
        headers={"host": "area.example", **headers},
    )

    assert (200 if answer.status_code == 422 else answer.status_code) == status


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "127.0.0.1", "[::1]:8000", "pod-7", "_", ""])
def test_probes_are_answered_by_whatever_name_and_nothing_else_is(client, in_production, host):
    headers = {"host": host}

    assert client.get("/healthz", headers=headers).status_code == 200
    assert client.get("/readyz", headers=headers).status_code == 503
    assert client.get("/signin", headers=headers).status_code == 400
    assert client.get("/healthz/", headers=headers).status_code == 400


@pytest.mark.django_db
def test_a_wrong_host_is_one_short_line_a_minute(client, in_production, caplog, monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr(edge, "_other_hosts", Seldom(60))
    monkeypatch.setattr(journal.time, "monotonic", lambda: moment[0])
    for _ in range(50):
        client.get("/", headers={"host": "evil.example" + "x" * 5000})
    moment[0] += 61
    client.get("/", headers={"host": "evil.example"})

    first, second = caplog.messages
    assert "evil.example" in first
    assert max(len(first), len(second)) < 200
    assert "49 more" in second
    assert all(record.exc_info is None for record in caplog.records)
