"""What somebody tried and may not is noted: who, from where, which page, and never the address."""

import pytest
from django.test import Client

from nichandle.config.serving import refusals

pytestmark = pytest.mark.django_db


@pytest.fixture
def noted(caplog, monkeypatch):
    """The notes of this test alone, however many others have made."""
    monkeypatch.setattr(refusals, "_ration", refusals.Ration(60, 60.0))
    caplog.set_level("INFO", "nichandle.refusals")
    return lambda: [one.getMessage() for one in caplog.records if one.name == "nichandle.refusals"]


def test_who_asks_for_what_is_anothers_is_noted(customer, stranger, make_service, noted):
    service = make_service("mercier.example")
    answer = stranger.sign_in().get(f"/services/{service.pk}")

    assert answer.status_code == 404
    (line,) = noted()
    assert line == f"404 GET services:service by account {stranger.account.pk}, 127.0.0.1"


def test_a_form_without_the_token_of_a_page_is_noted(noted):
    assert (
        Client(HTTP_HOST="localhost", enforce_csrf_checks=True).post("/signin").status_code == 403
    )

    assert noted() == ["403 POST signin:signin by nobody, 127.0.0.1"]


def test_who_asks_too_often_is_noted(customer, noted, settings):
    browser = customer.sign_in()
    answers = [
        browser.post("/account/password", {"current": "x", "password": "y"}) for _ in range(12)
    ]

    assert answers[-1].status_code == 429
    assert f"429 POST area:password by account {customer.account.pk}, 127.0.0.1" in noted()


def test_a_mistyped_address_and_a_strangers_walk_are_no_news(visitor, noted):
    visitor.get("/nowhere/at/all")
    visitor.get("/mail/" + "0" * 32)

    assert noted() == []


def test_the_secret_of_a_link_is_not_noted(customer, noted):
    browser = customer.sign_in()
    browser.get("/contacts/requests/1")
    browser.get("/contacts/answer/kept-secret")

    assert noted()
    assert "kept-secret" not in str(noted())


def test_nobody_fills_the_log(monkeypatch):
    moment = [100.0]
    monkeypatch.setattr(refusals.time, "monotonic", lambda: moment[0])
    ration = refusals.Ration(3, 60.0)

    assert [ration.take() for _ in range(5)] == [0, 0, 0, None, None]
    moment[0] += 60
    assert ration.take() == 2
    assert ration.take() == 0
