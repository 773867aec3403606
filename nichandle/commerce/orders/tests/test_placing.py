"""From the basket to the order: what was shown is what is agreed, once."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
import time_machine

from nichandle.commerce.catalogue.offers import Price
from nichandle.commerce.invoices.sales.quoting import Quote
from nichandle.commerce.orders.basket.buyers import buyer
from nichandle.commerce.orders.lifecycle import placing
from nichandle.commerce.orders.lifecycle.placing import place
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.tests.goods import (
    CATALOGUE,
    HOSTING,
    SINCE,
    confirm,
    euros,
    order,
    price,
    wanted,
)
from nichandle.commerce.payments import queries as payments
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.catalogue import CATALOGUE as LIMITS
from nichandle.platform.limits.errors import Exhausted
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(now, origin):
    return Act(origin, now)


def ordering(person, cost, confirmation, act):
    return place(
        account_id=person.account.pk,
        holder=buyer(person.account.pk),
        priced=cost,
        confirmation=confirmation,
        act=act,
    )


def test_an_order_is_what_was_shown_and_is_owed_by_its_account(customer, act, post):
    lines = [wanted("start", "Mercier.example"), wanted("vps", months=1)]

    placed = order(customer, *lines, act=act)

    assert placed.state == "notPaid"
    assert (placed.net, placed.tax, placed.gross) == (euros("45.00"), euros("9.00"), euros("54.00"))
    names = [(line.label, line.name, line.period_months) for line in placed.lines.order_by("pk")]
    assert names == [("Start", "mercier.example", 12), ("Vps", f"Vps {placed.number}-2", 1)]
    owed = payments.of_cause(placed.cause)
    assert (owed.account_id, owed.amount) == (customer.account.pk, euros("54.00"))
    mail = post.last_to(customer.email)
    assert mail["Subject"] == f"[{customer.handle}] Confirmation of order {placed.number}"
    body = text_of(mail)
    for said in (customer.handle, placed.number, "mercier.example", "€45.00", "€9.00", "€54.00"):
        assert said in body


def test_the_order_keeps_holder_terms_and_prices_as_they_were(customer, act):
    placed = order(customer, act=act)
    Account.objects.filter(pk=customer.account.pk).update(family_name="Durand")

    kept = Order.objects.get(pk=placed.pk)

    assert kept.holder["name"] == "Diane Mercier"
    assert kept.terms["terms"] == [
        {"code": "general", "version": "2026-01", "title": "General terms"}
    ]
    assert kept.terms["edition"] == 1
    assert Quote.of_json(kept.quote).totals.gross == euros("42.00")


def test_the_same_form_orders_once(customer, act):
    cost = price(customer, wanted("start", "mercier.example"))
    form = confirm(cost)

    first, second = (ordering(customer, cost, form, act) for _press in range(2))

    assert first == second
    assert Order.objects.count() == 1


def test_the_form_of_another_is_not_ones_own(customer, stranger, act):
    once = uuid4()
    mine = price(customer, wanted("vps"))
    theirs = price(stranger, wanted("vps"))

    first = ordering(customer, mine, confirm(mine, once=once), act)
    second = ordering(stranger, theirs, confirm(theirs, once=once), act)

    assert first.account_id != second.account_id


def test_a_price_that_moved_is_shown_again_before_it_binds(customer, act):
    cost = price(customer, wanted("start", "mercier.example"))
    dearer = replace(HOSTING, prices=(Price(SINCE, 12, euros("31.00"), euros("5.00")),))
    now_dearer = replace(CATALOGUE, products=(dearer,))

    with pytest.raises(placing.PriceMoved):
        ordering(
            customer,
            price(customer, wanted("start", "mercier.example"), catalogue=now_dearer),
            confirm(cost),
            act,
        )
    assert not Order.objects.exists()


def test_other_terms_are_not_those_that_were_accepted(customer, act):
    cost = price(customer, wanted("vps"))
    newer = replace(CATALOGUE, terms=(replace(CATALOGUE.terms[0], version="2026-02"),))

    with pytest.raises(placing.PriceMoved):
        ordering(customer, price(customer, wanted("vps"), catalogue=newer), confirm(cost), act)


def test_a_price_typed_into_the_form_changes_nothing(customer, act):
    cost = price(customer, wanted("start", "mercier.example"))

    with pytest.raises(placing.PriceMoved):
        ordering(customer, cost, confirm(cost, seen="0" * 32), act)


def test_terms_are_accepted_or_nothing_is_ordered(customer, act):
    cost = price(customer, wanted("vps"))

    with pytest.raises(placing.OrderTermsNotAccepted):
        ordering(customer, cost, confirm(cost, accepted=False), act)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "line",
    [
        wanted("nothing", "mercier.example"),
        wanted("start", "mercier.example", months=7),
        wanted("start", "mercier.example", months=-12),
        wanted("start", "mercier.example", months=0),
        wanted("start", "no name"),
        wanted("start"),
    ],
)
def test_what_is_not_offered_is_not_ordered(customer, act, line):
    cost = price(customer, line, wanted("vps"))

    assert len(cost.problems) == 1
    assert cost.problems[0].sentence
    with pytest.raises(placing.BasketEmpty):
        ordering(customer, cost, confirm(cost), act)


def test_a_price_counts_from_its_day_on(customer, act):
    new_year = Price(date(2027, 1, 1), 12, euros("40.00"), euros("0"))
    product = replace(HOSTING, prices=(*HOSTING.prices, new_year))
    catalogue = replace(CATALOGUE, products=(product,))
    line = wanted("start", "mercier.example")

    with time_machine.travel("2026-12-31T12:00:00+01:00", tick=False):
        assert price(customer, line, catalogue=catalogue).quote.totals.net == euros("35.00")
    with time_machine.travel("2027-01-01T12:00:00+01:00", tick=False):
        assert price(customer, line, catalogue=catalogue).quote.totals.net == euros("40.00")


def test_a_name_in_use_is_refused_before_anybody_pays(customer, make_service, act):
    make_service(product="hosting", name="mercier.example")

    with pytest.raises(placing.NameInUse) as refused:
        order(customer, wanted("start", "MERCIER.example"), act=act)
    assert "mercier.example" in str(refused.value)


def test_one_name_twice_in_a_basket_is_refused(customer, act):
    twice = [wanted("start", "mercier.example"), wanted("start", "mercier.example", months=1)]

    with pytest.raises(placing.NamedTwice):
        order(customer, *twice, act=act)


def test_an_account_that_is_frozen_does_not_order(customer, act):
    Account.objects.filter(pk=customer.account.pk).update(state="frozen")

    with pytest.raises(placing.OrderingClosed):
        order(customer, act=act)


def test_a_day_has_so_many_orders(customer, act, settings):
    settings.NICHANDLE_LIMITS = {"order.place": replace(LIMITS["order.place"], count=2)}
    for _number in range(2):
        order(customer, wanted("vps"), act=act)

    with pytest.raises(Exhausted):
        order(customer, wanted("vps"), act=act)
    assert Order.objects.count() == 2


def test_what_costs_nothing_is_not_waited_for(customer, act):
    placed = order(customer, wanted("free"), act=act)

    assert placed.state == "checking"
    assert payments.of_cause(placed.cause) is None


def test_an_empty_basket_orders_nothing(customer, act):
    cost = price(customer)

    assert cost.quote.totals.gross == euros("0.00")
    with pytest.raises(placing.BasketEmpty):
        ordering(customer, cost, confirm(cost), act)
    assert not OrderLine.objects.exists()


def test_what_was_shown_says_all_that_matters(customer):
    base = price(customer, wanted("start", "mercier.example"))
    other = [
        price(customer, wanted("start", "mercier.example", months=1)),
        price(customer, wanted("start", "other.example")),
        price(customer, wanted("start", "mercier.example"), wanted("vps")),
    ]

    assert base.seen == price(customer, wanted("start", "mercier.example")).seen
    assert len({base.seen, *(each.seen for each in other)}) == 4


def test_a_visitor_reads_prices_as_a_consumer_of_our_country():
    assert (buyer(None).country, buyer(None).kind) == ("FR", "individual")
