"""What a creation may cost before it is counted, and how long its parts are good for."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.passwords import guessing
from nichandle.identity.signup import operations
from nichandle.identity.signup.models import Creation
from nichandle.identity.signup.queries import LIFETIME
from tests.support.people import PASSWORD
from tests.support.post import waiting_code

pytestmark = pytest.mark.django_db
START = {"country": "FR", "language": "en", "email": "diane@example.org", "password": PASSWORD}
COSTLY = "04({f<6893!1|7!0$5+7%2@8"
SECOND = timedelta(seconds=1)


@pytest.fixture
def estimated(monkeypatch) -> list[str]:
    """What was given to the estimator, in the order in which it was."""
    given: list[str] = []
    original = guessing.guesses

    def watched(password: str, own: object = ()) -> float:
        given.append(password)
        return original(password, own)

    monkeypatch.setattr(guessing, "guesses", watched)
    return given


def begin(browser: Client, **changes: str):
    return browser.post("/signup", {**START, **changes})


@pytest.mark.parametrize(
    "wrong", [{"email": "not an address"}, {"country": "ZZ"}, {"email": "x" * 250_000}]
)
def test_a_form_that_is_wrong_anyhow_costs_no_estimate(visitor, estimated, wrong):
    for _ in range(3):
        assert begin(visitor, password=COSTLY, **wrong).status_code == 422

    assert estimated == []


def test_passwords_are_judged_for_a_network_so_often_a_minute_and_what_was_typed_stays(
    visitor, estimated
):
    begin(visitor, password="passwordpassword")
    for _ in range(29):
        assert begin(visitor, password="short").status_code == 422

    answer = begin(visitor, password=COSTLY, email="typed@example.org")

    assert answer.status_code == 429
    assert COSTLY not in estimated
    assert 'value="typed@example.org"' in answer.content.decode()
    elsewhere = Client(HTTP_HOST="localhost", REMOTE_ADDR="198.51.100.7")
    assert begin(elsewhere).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert begin(visitor).status_code == 302


def test_a_refused_password_is_said_beside_its_field_and_spends_no_creation(visitor):
    answer = begin(visitor, password="passwordpassword")

    assert answer.status_code == 422
    assert "tried first by thieves" in answer.content.decode()
    assert 'value="diane@example.org"' in answer.content.decode()
    assert not Creation.objects.exists()


def test_the_meter_of_one_person_is_not_silenced_by_the_neighbours(visitor, customer):
    """Behind one address of many people, whoever is signed in has an allowance of their own."""
    for _ in range(20):
        visitor.post("/password/strength", {"password": ""})
    assert visitor.post("/password/strength", {"password": ""}).status_code == 429

    browser = customer.sign_in()

    assert browser.post("/password/strength", {"password": PASSWORD}).status_code == 200


def at(moment, browser: Client, code: str):
    with time_machine.travel(moment, tick=False):
        return browser.post("/signup/code", {"code": code})


def test_a_code_lives_half_an_hour_and_no_second_longer(visitor):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        begin(visitor)
    code = waiting_code("signup/mail/code", START["email"])

    late = at(start + operations.CODE_LIFETIME, visitor, code)
    assert late.status_code == 422
    assert "no longer valid" in late.content.decode()
    assert not Account.objects.exists()
    in_time = at(start + operations.CODE_LIFETIME - SECOND, visitor, code)
    assert in_time.headers["Location"] == "/signup/details"


def test_a_new_code_begins_its_own_half_hour_but_not_another_day(visitor):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        begin(visitor)
    late = start + LIFETIME - timedelta(minutes=1)
    with time_machine.travel(late, tick=False):
        visitor.post("/signup/code/again")
    code = waiting_code("signup/mail/code", START["email"])

    gone = at(start + LIFETIME, visitor, code)
    assert gone.headers["Location"] == "/signup"
    assert at(start + LIFETIME - SECOND, visitor, code).headers["Location"] == "/signup/details"


def test_a_creation_is_forgotten_after_a_day_and_no_other_with_it():
    start = timezone.now()
    for number, age in enumerate((LIFETIME + SECOND, LIFETIME - SECOND)):
        with time_machine.travel(start - age, tick=False):
            begin(Client(HTTP_HOST="localhost"), email=f"n{number}@example.org")

    assert operations.clear_old(now=start) == 1
    assert Creation.objects.get().address == "n1@example.org"


def test_a_creation_ends_those_for_its_address_alone(visitor):
    """The first right code wins and removes the rest; a neighbour's goes on."""
    begin(visitor)
    code = waiting_code("signup/mail/code", START["email"])
    second, other = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
    begin(second)
    begin(other, email="paul@example.org")

    visitor.post("/signup/code", {"code": code})

    assert [row.address for row in Creation.objects.all()] == ["paul@example.org"]


def test_wrong_codes_are_counted_for_their_own_creation(visitor):
    begin(visitor)
    other = Client(HTTP_HOST="localhost")
    begin(other, email="paul@example.org")
    for _ in range(operations.WRONG_CODES):
        visitor.post("/signup/code", {"code": "BCDF-GHJK"})

    code = waiting_code("signup/mail/code", START["email"])
    assert visitor.post("/signup/code", {"code": code}).status_code == 422
    code = waiting_code("signup/mail/code", "paul@example.org")
    assert other.post("/signup/code", {"code": code}).status_code == 302


def test_estimates_are_counted_for_the_wider_networks_of_ipv6_too():
    def asked(number: int) -> int:
        visitor = Client(REMOTE_ADDR=f"2001:db8:0:{number:x}::1")
        return visitor.post("/password/strength", {"password": ""}).status_code

    with time_machine.travel(timezone.now(), tick=False):
        # A /56 has twice what a /64 has.
        assert {asked(number) for number in range(40)} == {200}
        assert asked(41) == 429
        assert asked(0x100) == 200, "the neighbouring /56"
