"""What orders are made of: months, numbers, signatures, the last day of a withdrawal."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.orders import numbers
from nichandle.commerce.orders.delivery.signing import genuine, sign
from nichandle.commerce.orders.months import months_later, period_from
from nichandle.commerce.orders.period import WITHIN, last_moment

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 1), 36, date(2029, 1, 1)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(start, months, end):
    assert months_later(start, months) == end
    assert period_from(start, months) == (start, end - timedelta(days=1))


@given(days, st.integers(1, 36))
def test_a_period_is_as_long_as_its_months(start, months):
    end = months_later(start, months)

    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert start.day - 3 <= end.day <= start.day


def test_numbers_are_read_as_people_type_them():
    number = numbers.draw(lambda _number: False)

    assert numbers.NUMBER.match(number)
    typed = f" {number[0].lower()} {number[1:5]}-{number[5:]} "
    assert numbers.read(typed) == numbers.read(number[1:]) == number
    for wrong in ("", "C1234567", "C123456789", "F2026-000123", "C1234567x", "' OR 1=1"):
        assert numbers.read(wrong) == ""


def test_a_number_that_is_taken_is_drawn_again_and_not_for_ever():
    drawn = []

    def taken_twice(number: str) -> bool:
        drawn.append(number)
        return len(drawn) < 3

    assert numbers.draw(taken_twice) == drawn[-1]
    assert len(set(drawn)) == 3
    with pytest.raises(numbers.NumbersExhausted):
        numbers.draw(lambda _number: True)


@pytest.mark.parametrize(
    ("concluded", "last_day"),
    [
        (datetime(2026, 12, 1, 10, tzinfo=UTC), date(2026, 12, 15)),
        # A Saturday, and a Sunday: the Monday after.
        (datetime(2026, 12, 5, 10, tzinfo=UTC), date(2026, 12, 21)),
        (datetime(2026, 12, 6, 10, tzinfo=UTC), date(2026, 12, 21)),
        # Christmas is a Friday.
        (datetime(2026, 12, 11, 10, tzinfo=UTC), date(2026, 12, 28)),
        # Good Friday is a working day, Easter Monday is not.
        (datetime(2027, 3, 13, 10, tzinfo=UTC), date(2027, 3, 30)),
        # Late in the evening in Paris it is the next day already.
        (datetime(2026, 12, 1, 23, 30, tzinfo=UTC), date(2026, 12, 16)),
    ],
)
def test_a_withdrawal_has_until_the_end_of_a_working_day(concluded, last_day):
    moment = last_moment(concluded, zone="Europe/Paris")

    assert moment.date() == last_day + timedelta(days=1)
    assert (moment.hour, moment.minute) == (0, 0)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001  made aware below
def test_nobody_has_less_than_the_law_gives(concluded):
    """The law counts days: the day clocks are put forward is one of them."""
    paris = ZoneInfo("Europe/Paris")
    aware = concluded.replace(tzinfo=UTC)

    last_day = (last_moment(aware, zone="Europe/Paris") - timedelta(seconds=1)).astimezone(paris)
    assert last_day.date() >= aware.astimezone(paris).date() + WITHIN


SECRET = "a secret of the provisioning"


def test_what_was_signed_is_genuine_for_five_minutes_and_for_nobody_else():
    header = sign(b"body", SECRET, now=NOW)

    assert genuine(header, b"body", [SECRET], now=NOW)
    assert genuine(header, b"body", ["new", SECRET], now=NOW + timedelta(minutes=5))
    assert genuine(header, b"body", [SECRET], now=NOW - timedelta(minutes=5))
    for late in (timedelta(minutes=5, seconds=1), timedelta(minutes=-5, seconds=-1)):
        assert not genuine(header, b"body", [SECRET], now=NOW + late)
    assert not genuine(header, b"Body", [SECRET], now=NOW)
    assert not genuine(header, b"body", ["another"], now=NOW)
    assert not genuine(header, b"body", [], now=NOW)
    # Without a secret nobody can have signed, not even with the empty one.
    assert not genuine(sign(b"body", "", now=NOW), b"body", [""], now=NOW)


@given(st.text(max_size=120))
def test_whatever_a_header_says_is_refused_or_right(header):
    assert not genuine(header, b"body", [SECRET], now=NOW)
