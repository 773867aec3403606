"""Money is exact, in one currency, and written as its reader expects."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.platform.kernel.money import CurrencyMismatch, Money

amounts = st.decimals(-(10**9), 10**9, places=4)


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def test_sums_and_products_are_exact():
    assert euros("0.10") + euros("0.20") == euros("0.30")
    assert euros("1.00") - euros("0.90") == euros("0.10")
    assert euros("19.99") * 3 == euros("59.97")
    assert euros("100") * Decimal("0.055") == euros("5.500")
    assert -euros("5") == euros("-5")


def test_two_currencies_do_not_mix():
    dollars = Money(Decimal(1), "USD")

    for mix in (
        lambda: euros("1") + dollars,
        lambda: euros("1") - dollars,
        lambda: euros("1") < dollars,
    ):
        with pytest.raises(CurrencyMismatch):
            mix()
    assert euros("1") != dollars


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01"), ("2.675", "2.68"), ("7", "7.00")],
)
def test_halves_are_rounded_away_from_zero(exact, rounded):
    assert str(euros(exact).rounded().amount) == rounded


def test_currencies_are_rounded_to_their_own_unit():
    assert Money(Decimal("10.5"), "JPY").rounded().amount == Decimal(11)
    assert Money(Decimal("1.2345"), "KWD").rounded().amount == Decimal("1.235")


@given(amounts, amounts)
def test_what_is_added_can_be_taken_away(left, right):
    assert Money(left, "EUR") + Money(right, "EUR") - Money(right, "EUR") == Money(left, "EUR")


@given(amounts)
def test_rounding_moves_by_half_a_unit_at_most(amount):
    assert abs(Money(amount, "EUR").rounded().amount - amount) <= Decimal("0.005")


def test_it_is_written_for_its_reader():
    assert euros("1234.5").shown("fr") == "1\u202f234,50\u00a0€"
    assert euros("1234.5").shown("en") == "€1,234.50"


def test_amounts_are_ordered():
    assert euros("1") < euros("2")
    assert not euros("2") < euros("1")


@given(st.integers(-(10**14), 10**14), st.sampled_from(["EUR", "JPY", "KWD", "CHF"]))
def test_what_is_stored_comes_back(minor, currency):
    assert Money.of_minor(minor, currency).minor == minor
    assert Money.of_minor(minor, currency).rounded().minor == minor


def test_what_is_not_rounded_is_not_stored():
    assert Money.of_minor(1234, "EUR") == euros("12.34")
    assert Money.of_minor(1234, "JPY") == Money(Decimal(1234), "JPY")
    assert Money.zero("EUR") == euros("0")
    with pytest.raises(ValueError, match="not rounded"):
        euros("0.005").minor  # noqa: B018  reading it is what is refused
