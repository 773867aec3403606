"""VIES is asked by the worker; only its plain yes takes VAT off, and its silence nothing away."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.invoices.facts import Party
from nichandle.commerce.invoices.models import VatAnswer
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.tests.register import AWAY, NO, YES, played
from nichandle.commerce.invoices.vies import answers, asking, register
from nichandle.platform.jobs.operations import earliest
from nichandle.platform.jobs.registry import DUE, never
from tests.support.races import at_once

NUMBER = "DE129273398"


@pytest.fixture
def vies(settings):
    with played() as found:
        settings.NICHANDLE_VIES_URL = found.address
        yield found


def company(number=NUMBER, country="DE"):
    return Party(
        name="Bäckerei Schmidt GmbH",
        lines=("Lindenstraße 4",),
        postcode="10969",
        city="Berlin",
        country=country,
        kind="corporation",
        vat_number=number,
    )


def want(person, party=None, *, now=None):
    answers.want(
        person.account.pk, party or company(), sellers.current(), now=now or timezone.now()
    )


def ask(now=None):
    return asking.ask_due(lambda: now or timezone.now(), never)


def known(party=None):
    return answers.evidence_of(party or company())


@pytest.mark.django_db
def test_a_confirmed_number_is_known_with_day_and_consultation(customer, vies):
    vies.answer(YES)
    want(customer)
    assert known().answer == "none"
    assert answers.on_its_way(company(), known(), on=sellers.day(timezone.now()))

    assert ask() == 1
    found = known()
    assert (found.answer, found.consultation) == ("valid", "WAPIAAAAZK1QdR2c")
    assert found.answered_on == sellers.day(timezone.now())
    assert found.vat_number == NUMBER
    assert not answers.on_its_way(company(), found, on=sellers.day(timezone.now()))
    (asked,) = vies.asked
    assert (asked["countryCode"], asked["vatNumber"]) == ("DE", "129273398")
    own = sellers.current().vat_number
    assert (asked["requesterMemberStateCode"], asked["requesterNumber"]) == (own[:2], own[2:])


@pytest.mark.django_db
def test_it_is_asked_once_a_day_however_often_the_page_is_opened(customer, vies):
    vies.answer(YES)
    for _time in range(5):
        want(customer)
    ask()
    want(customer)

    assert ask() == 0
    assert len(vies.asked) == 1
    later = timezone.now() + answers.RENEWED_AFTER
    want(customer, now=later)
    assert ask(later) == 1


@pytest.mark.django_db
def test_silence_is_asked_again_later_each_time_and_given_up(customer, vies):
    vies.answer(AWAY)
    now = timezone.now()
    want(customer, now=now)
    waited = []
    while (due := VatAnswer.objects.get().next_try_at) is not None:
        waited.append(due - now)
        now = due
        assert ask(now) == 1

    assert waited == [timedelta(0), *asking.DELAYS]
    assert known().answer == "silent"
    assert VatAnswer.objects.get().trouble == "MS_UNAVAILABLE"
    assert earliest(DUE["invoices.vies"], now=now) == [None]
    want(customer, now=now + timedelta(minutes=1))
    assert ask(now + timedelta(minutes=1)) == 0
    want(customer, now=now + answers.LEFT_ALONE)
    vies.answers.clear()
    vies.answer(YES)
    assert ask(now + answers.LEFT_ALONE) == 1
    assert known().answer == "valid"


@pytest.mark.django_db
def test_silence_takes_no_answer_back(customer, vies):
    vies.answer(YES)
    want(customer)
    ask()
    vies.answers.clear()
    vies.answer(AWAY)
    later = timezone.now() + answers.RENEWED_AFTER
    want(customer, now=later)
    ask(later)

    assert known().answer == "valid"


@pytest.mark.django_db
def test_a_no_replaces_a_yes(customer, vies):
    vies.answer(YES)
    vies.answer(NO)
    want(customer)
    ask()
    later = timezone.now() + answers.RENEWED_AFTER
    want(customer, now=later)
    ask(later)

    assert known().answer == "invalid"


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["FR44732829320", "US123", "", "CHE123456789", "GB123456789"])
def test_what_it_does_not_know_or_decides_nothing_is_not_asked(customer, vies, number):
    want(customer, company(number))

    assert not VatAnswer.objects.exists()


@pytest.mark.django_db
def test_the_answer_about_one_number_says_nothing_about_another(customer, vies):
    vies.answer(YES)
    want(customer)
    ask()

    assert known(company("DE811907980")).answer == "none"


@pytest.mark.django_db
def test_who_tries_numbers_out_is_not_asked_for_any_more(customer, stranger, vies):
    for number in range(25):
        want(customer, company(f"DE{number:09}"))
    want(stranger, company("DE999999999"))

    assert VatAnswer.objects.count() == 21


@pytest.mark.django_db
def test_a_worker_that_died_over_it_leaves_it_to_the_next(customer, vies):
    vies.answer(YES)
    now = timezone.now()
    want(customer, now=now)
    assert asking._taken(now) is not None

    assert ask(now) == 0
    assert ask(now + asking.HELD) == 1


@pytest.mark.django_db
def test_a_slow_worker_writes_nothing_over_the_answer_of_another(customer, vies):
    vies.answer(YES)
    now = timezone.now()
    want(customer, now=now)
    slow = asking._taken(now)
    ask(now + asking.HELD)
    asking._keep(slow, register.RegisterAnswer("invalid"), now + asking.HELD)

    assert known().answer == "valid"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_tabs_ask_once_and_two_workers_too(customer, vies):
    vies.answer(YES)
    now = timezone.now()
    at_once(*[lambda: want(customer, now=now)] * 3)
    assert VatAnswer.objects.count() == 1
    at_once(*[lambda: ask(now)] * 3)

    assert len(vies.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, YES, "valid"),
        (200, NO, "invalid"),
        (200, YES | {"userError": "VALID"}, "valid"),
        (200, NO | {"userError": "INVALID"}, "invalid"),
        (400, {"actionSucceed": False, "errorWrappers": [{"error": "INVALID_INPUT"}]}, "invalid"),
        (200, AWAY, "silent"),
        (200, NO | {"userError": "MS_UNAVAILABLE"}, "silent"),
        (200, NO | {"userError": "TIMEOUT"}, "silent"),
        (200, {"actionSucceed": False}, "silent"),
        (200, {"actionSucceed": False, "errorWrappers": []}, "silent"),
        (200, {"actionSucceed": False, "errorWrappers": ["x"]}, "silent"),
        (200, YES | {"valid": "true"}, "silent"),
        (200, YES | {"valid": 1}, "silent"),
        (200, {}, "silent"),
        (200, [YES], "silent"),
        (200, b"<html>maintenance</html>", "silent"),
        (200, b"", "silent"),
        (200, b"[" * 60_000, "silent"),
        (200, b"\xff\xfe", "silent"),
        (301, YES, "silent"),
        (500, YES, "silent"),
        (503, b"", "silent"),
        (429, AWAY, "silent"),
    ],
)
def test_only_a_plain_yes_or_no_is_an_answer(vies, status, body, verdict):
    vies.answer(body, status=status)

    assert register.ask(NUMBER, requester="FR44732829320").verdict == verdict
    assert len(vies.asked) == 1


def test_where_nobody_listens_it_is_silence(settings, unused_port):
    settings.NICHANDLE_VIES_URL = f"http://127.0.0.1:{unused_port}/"

    assert register.ask(NUMBER, requester="").verdict == "silent"


@pytest.mark.parametrize("said", ["<script>", "x" * 33, 7, None, "a b"])
def test_a_consultation_number_is_letters_and_digits_or_nothing(said):
    body = json.dumps(YES | {"requestIdentifier": said}).encode()

    assert register.read(200, body) == register.RegisterAnswer("valid", "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["valid", "userError", "errorWrappers", "error", "actionSucceed"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_it_says_is_read_and_never_a_yes_it_did_not_say(said):
    found = register.read(200, json.dumps(said).encode())

    if found.verdict == "valid":
        assert isinstance(said, dict)
        assert said["valid"] is True


@given(st.binary(max_size=200), st.integers(100, 599))
def test_whatever_bytes_come_are_silence(body, status):
    assert register.read(status, body).verdict == "silent"


@pytest.mark.django_db
def test_without_a_register_nothing_is_asked_and_the_check_says_so(customer, settings, capsys):
    settings.NICHANDLE_VIES_URL, settings.NICHANDLE_MODE = "", "production"
    want(customer)

    assert not VatAnswer.objects.exists()
    assert answers.faults() == [answers.OFF]


@pytest.mark.django_db
def test_the_check_names_what_was_not_answered(customer, vies, capsys):
    now = timezone.now()
    VatAnswer.objects.create(number=NUMBER, silent_at=now, trouble="MS_UNAVAILABLE")
    call_command("check")

    assert f"VIES did not answer about {NUMBER}: MS_UNAVAILABLE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "verdict"),
    [("DE129273398", "silent"), ("DE129273399", "invalid"), ("DE129273391", "valid")],
)
def test_the_demo_has_a_stand_in(settings, number, verdict):
    settings.NICHANDLE_VIES_URL = ""

    assert register.ask(number, requester="").verdict == verdict
