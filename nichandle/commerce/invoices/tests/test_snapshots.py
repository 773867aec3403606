"""What an invoice was made from is read back exactly as it was kept."""

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nichandle.commerce.invoices import facts
from nichandle.commerce.invoices.tests.kinds import kinds
from nichandle.platform.kernel.money import Money

decimals = st.decimals(-9999, 9999, places=6, allow_nan=False, allow_infinity=False)
money = st.builds(Money, decimals, st.sampled_from(["EUR", "JPY", "USD"]))
OF = {Decimal: decimals, Money: money, date: st.dates(), str: st.text(max_size=12)}
SMALL = [facts.Party, facts.Sign, facts.Evidence, facts.Payment, facts.Conversion]


@pytest.mark.parametrize("kind", SMALL, ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_whatever_it_holds_comes_back(kind, data):
    hints = get_type_hints(kind)
    held = kind(
        **{
            field.name: data.draw(OF[hints[field.name]])
            for field in fields(kind)
            if hints[field.name] in OF
        },
        **({"lines": ("a", "b")} if kind is facts.Party else {}),
    )

    assert kind.of_json(json.loads(json.dumps(held.as_json()))) == held


@pytest.mark.parametrize("name", kinds("en"))
def test_every_kind_of_document_comes_back(name):
    made = kinds("en")[name]

    assert facts.Document.of_json(json.loads(json.dumps(made.as_json()))) == made


def test_no_amount_is_kept_as_a_float():
    def walk(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [each for inner in value for each in walk(inner)]
        return [value]

    for made in kinds("fr").values():
        assert not [each for each in walk(made.as_json()) if isinstance(each, float)]


def test_what_was_kept_before_a_field_existed_has_its_default():
    kept = facts.Party("A", ("1",), "75001", "Paris", "FR", "individual").as_json()
    del kept["service_code"]

    assert facts.Party.of_json(kept).service_code == ""


def test_what_lacks_a_field_that_must_be_there_is_not_read():
    kept = facts.Payment(Money.zero("EUR"), date(2026, 12, 1), "card").as_json()
    del kept["paid_on"]

    with pytest.raises(TypeError):
        facts.Payment.of_json(kept)
