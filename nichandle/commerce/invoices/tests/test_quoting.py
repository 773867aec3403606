"""What things cost with VAT: the documented table, and what holds for any basket."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.invoices.facts import Line, Vat
from nichandle.commerce.invoices.sales.quoting import (
    Item,
    Quote,
    TooManyDecimals,
    line_of,
    quote,
    totals_of,
)
from nichandle.commerce.invoices.tests.people import TODAY, person, seller
from nichandle.platform.kernel.money import Money
from tests.house.tree import ROOT

HALF = Decimal("0.5")
CURRENCIES = {"EUR": 2, "JPY": 0, "KWD": 3}
RATES = ["0", "8.5", "16", "19", "20", "25.5", "27"]


def item(quantity="12", unit_price="4.99", **changes) -> Item:
    given = {
        "label": "Hébergement web Pro",
        "details": "belvaux.example",
        "vat_class": "electronic",
        "quantity": Decimal(quantity),
        "unit": "MON",
        "unit_price": Decimal(unit_price),
        "period": (date(2026, 12, 1), date(2027, 11, 30)),
    }
    return Item(**{**given, **changes})


def line(quantity: Decimal, price: Decimal, rate: Decimal, currency: str) -> Line:
    vat = Vat(row="", category="S", rate=rate)
    return line_of(replace(item(), quantity=quantity, unit_price=price), vat=vat, currency=currency)


def documented() -> list[list[str]]:
    text = (ROOT / "docs" / "algorithms" / "money.md").read_text("utf-8")
    rows = [row for row in text.split("| currency |")[1].splitlines()[2:] if row.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("row", documented(), ids=lambda row: "-".join(row[:2]))
def test_the_documented_sums_are_what_is_charged(row):
    currency, said, net, by_rate, tax, gross = row
    parts = [re.fullmatch(r"(\S+) × (\S+) at (\S+)", each).groups() for each in said.split("; ")]
    totals = totals_of([line(*map(Decimal, part), currency) for part in parts], currency)

    assert str(totals.net.amount) == net
    assert ", ".join(f"{each.rate}: {each.tax.amount}" for each in totals.vat_rows) == by_rate
    assert str(totals.tax.amount) == tax
    assert str(totals.gross.amount) == gross


lines = st.tuples(
    st.decimals(-9999, 9999, places=4, allow_nan=False),
    st.decimals(0, 99999, places=6, allow_nan=False),
    st.sampled_from([Decimal(rate) for rate in RATES]),
)


@given(st.lists(lines, min_size=1, max_size=12), st.sampled_from(sorted(CURRENCIES)))
def test_whatever_is_bought_adds_up(parts, currency):
    made = [line(*part, currency) for part in parts]
    totals = totals_of(made, currency)

    assert totals.net.amount == sum(each.net.amount for each in made)
    assert totals.net.amount == sum(row.base.amount for row in totals.vat_rows)
    assert totals.tax.amount == sum(row.tax.amount for row in totals.vat_rows)
    assert totals.gross == totals.net + totals.tax
    keys = [(row.category, row.rate) for row in totals.vat_rows]
    assert len(keys) == len(set(keys))
    step = Decimal(1).scaleb(-CURRENCIES[currency])
    for row in totals.vat_rows:
        exact = row.base.amount * row.rate / 100
        assert row.tax.amount == exact.quantize(step, ROUND_HALF_UP)
        assert isinstance(row.tax.minor, int)
    for each in made:
        assert abs(each.net.amount - each.quantity * each.unit_price) <= step * HALF


@given(st.lists(lines, min_size=1, max_size=12), st.sampled_from(sorted(CURRENCIES)))
def test_what_is_given_back_is_what_was_charged(parts, currency):
    charged = totals_of([line(*part, currency) for part in parts], currency)
    back = totals_of([line(-part[0], *part[1:], currency) for part in parts], currency)

    assert charged.gross + back.gross == Money.zero(currency)
    assert charged.tax + back.tax == Money.zero(currency)


@given(st.lists(lines, min_size=2, max_size=12))
def test_the_order_of_the_lines_changes_no_sum(parts):
    made = [line(*part, "EUR") for part in parts]

    assert totals_of(made, "EUR") == totals_of(made[::-1], "EUR")


@pytest.mark.parametrize(
    ("quantity", "price"), [("0.12345", "1"), ("1", "0.00812345"), ("NaN", "1"), ("1", "Infinity")]
)
def test_what_an_invoice_cannot_say_is_not_quoted(quantity, price):
    with pytest.raises(TooManyDecimals):
        quote([item(quantity, price)], **sale())


@pytest.mark.parametrize(
    ("quantity", "price"), [("0.1234", "1"), ("1", "0.123456"), ("1E+2", "1E+3"), ("1.50000", "2")]
)
def test_what_an_invoice_can_say_is_quoted(quantity, price):
    assert quote([item(quantity, price)], **sale()).totals.net.amount > 0


def test_a_french_consumer_pays_twenty_percent():
    found = quote([item()], **sale())

    assert found.totals.gross == Money(Decimal("71.86"), "EUR")
    assert found.lines[0].vat.row == "france-consumer"


def test_nothing_costs_nothing():
    found = quote([], **sale())

    assert found.totals.gross == Money.zero("EUR")
    assert found.totals.vat_rows == ()


def test_a_quote_is_read_back_as_it_was_kept():
    found = quote([item(), item("0.5", "0.123456", period=None)], **sale())

    assert Quote.of_json(json.loads(json.dumps(found.as_json()))) == found


def sale(**changes):
    given = {
        "buyer": person(),
        "seller": seller(),
        "on": TODAY,
        "evidence": None,
        "currency": "EUR",
    }
    return {**given, **changes}
