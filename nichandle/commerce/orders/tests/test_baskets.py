"""A basket holds what somebody wants, whatever a browser sends in its name."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.orders.basket import content as baskets
from nichandle.commerce.orders.basket.content import EMPTY, Basket, BasketFull, Wanted

HOSTING = Wanted("hosting-start", 12, {"domain": "mercier.example"})
MAIL = Wanted("mail-5", 1)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
lines = st.builds(Wanted, words, st.integers(-9, 99), st.dictionaries(words, words, max_size=3))


def cookie(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@given(st.lists(lines, max_size=4))
def test_what_the_browser_keeps_comes_back(wanted):
    basket = EMPTY
    for line in wanted:
        with suppress(BasketFull):
            basket = basket.with_line(line)

    assert baskets.read(baskets.written(basket)) == basket


@given(st.text(max_size=300))
def test_whatever_is_sent_is_a_basket(sent):
    assert isinstance(baskets.read(sent), Basket)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
        max_leaves=12,
    )
)
def test_whatever_is_written_in_one_is_read_as_what_was_meant_or_not_at_all(sent):
    basket = baskets.read(cookie(sent))

    assert all(isinstance(line.product, str) for line in basket.lines)
    assert all(type(line.months) is int for line in basket.lines)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "no basket",
        "A" * 5000,
        cookie([["hosting", 12, {}]] * 11),
        cookie([["hosting", True, {}]]),
        cookie([["hosting", "12", {}]]),
        cookie([["hosting", 12, {"domain": 7}]]),
        cookie([["hosting", 12, {"domain": "a\0b"}]]),
        cookie([["hosting", 12, {"domain": "\ud800"}]]),
        cookie([["hosting", 12, {"domain": "a" * 254}]]),
        cookie([["hosting", 12, {f"q{n}": "" for n in range(11)}]]),
        cookie([["hosting", 12]]),
        base64.urlsafe_b64encode(b"[" * 2000).decode(),
    ],
)
def test_what_no_page_of_ours_writes_is_left_out(sent):
    assert baskets.read(sent) == EMPTY


def test_a_double_click_puts_one_in():
    assert EMPTY.with_line(HOSTING).with_line(HOSTING) == Basket((HOSTING,))
    assert len(baskets.read(cookie([HOSTING.as_json()] * 2)).lines) == 1


def test_a_line_is_taken_out_once_and_no_other_in_its_place():
    basket = EMPTY.with_line(HOSTING).with_line(MAIL)
    name = baskets.name_of(HOSTING)

    assert basket.without(name).without(name) == Basket((MAIL,))
    assert basket.without("nothing") == basket


def test_more_than_a_browser_keeps_is_refused():
    basket = EMPTY
    for number in range(baskets.MOST_LINES):
        basket = basket.with_line(Wanted("domain-fr", 12, {"domain": f"n{number}.fr"}))

    with pytest.raises(BasketFull):
        basket.with_line(MAIL)
    with pytest.raises(BasketFull):
        Basket((Wanted("a", 1, {f"q{n}": "é" * 250 for n in range(3)}),)).with_line(MAIL)
