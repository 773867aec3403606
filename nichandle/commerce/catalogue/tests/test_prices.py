"""What a period costs depends on the day, and a new tariff replaces the one before as a whole."""

from datetime import date
from decimal import Decimal

import pytest

from nichandle.commerce.catalogue import writing
from nichandle.commerce.catalogue.offers import PriceNotOffered, ProductNotOffered
from nichandle.commerce.catalogue.reading.file import of_plain
from nichandle.commerce.catalogue.tests.catalogues import catalogue, small

BEFORE, FIRST, LAST, NEXT = (
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2027, 1, 31),
    date(2027, 2, 1),
)


def product(*changes):
    return catalogue(small(*changes)).product("web-start")


@pytest.mark.parametrize(
    ("on", "periods", "year", "setup"),
    [(FIRST, (1, 12), "29.90", "0"), (LAST, (1, 12), "29.90", "0"), (NEXT, (12,), "35", "5")],
)
def test_a_price_changes_on_the_day_that_was_written(on, periods, year, setup):
    sold = product()

    assert sold.periods("EUR", on) == periods
    assert sold.price(12, "EUR", on).amount.amount == Decimal(year)
    assert sold.price(12, "EUR", on).setup.amount == Decimal(setup)


@pytest.mark.parametrize(
    ("months", "currency", "on"),
    [
        (12, "EUR", BEFORE),
        (1, "EUR", NEXT),
        (6, "EUR", FIRST),
        (12, "CHF", FIRST),
        (0, "EUR", FIRST),
    ],
)
def test_what_has_no_price_is_not_sold(months, currency, on):
    with pytest.raises(PriceNotOffered):
        product().price(months, currency, on)


def test_each_currency_of_a_kept_edition_has_its_own_tariffs():
    plain = writing.plain(catalogue(small()))
    (kept,) = plain["products"].values()
    plain["currencies"].append("CHF")
    kept["prices"].append({"since": "2026-06-01", "currency": "CHF", "periods": {"24": "60"}})

    sold = of_plain(plain, languages=["fr", "en"], edition=1).product("web-start")

    assert sold.periods("EUR", date(2026, 7, 1)) == (1, 12)
    assert sold.periods("CHF", date(2026, 7, 1)) == (24,)


def test_what_is_bought_once_has_one_price_and_no_period():
    sold = product(
        ("periods: {1: 2.99, 12: 29.90}", "price: 84"),
        ("setup: 5, periods: {12: 35}", "price: 90"),
        ("    terms:", "    lasting: no\n    terms:"),
    )

    assert not sold.lasting
    assert sold.price(1, "EUR", FIRST).amount.amount == 84


def test_what_is_offered_no_more_is_known_to_those_who_have_it():
    found = catalogue(small(("    terms:", "    offered: no\n    terms:")))

    with pytest.raises(ProductNotOffered):
        found.product("web-start")
    assert found.known("web-start") is not None
    assert found.of_family("hosting") == ()


def test_a_language_nobody_wrote_is_said_as_the_first():
    text = catalogue(small()).product("web-start").summary

    assert text.said("fr-ca") == "Un petit site."
    assert text.said("de") == "Un petit site."
    assert text.said("en") == "A small site."
