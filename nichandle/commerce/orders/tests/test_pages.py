"""The pages of basket, order and orders, as a browser walks through them."""

import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.catalogue.offers import Price
from nichandle.commerce.orders.basket import content as baskets
from nichandle.commerce.orders.basket.content import Basket
from nichandle.commerce.orders.models import Order
from nichandle.commerce.orders.tests.goods import CATALOGUE, SERVER, euros, order, wanted
from nichandle.commerce.orders.tests.living import again, deliver, pay
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act

pytestmark = pytest.mark.django_db
FIELD = re.compile(r'name="(once|seen)" value="([^"]+)"')


@pytest.fixture(autouse=True)
def shop(monkeypatch):
    """What is sold here: no operator's file is read."""
    monkeypatch.setattr(catalogue, "current", lambda: CATALOGUE)


@pytest.fixture
def act(now, origin):
    return Act(origin, now)


def put(browser: Client, *lines) -> None:
    browser.cookies["basket"] = baskets.written(Basket(lines))


def hidden(page: str) -> dict[str, str]:
    return dict(FIELD.findall(page))


def checkout(browser: Client) -> dict[str, str]:
    answer = browser.get("/order/checkout")
    assert answer.status_code == 200
    return {**hidden(answer.content.decode()), "terms": "on", "at_once": "on"}


def text(answer) -> str:
    """Return what a page says; an identifier is set in groups, each in an element of its own."""
    words = re.sub(r"</?(?:span|wbr)\b[^>]*>", "", answer.content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words))


def test_the_basket_shows_what_is_in_it_and_what_it_costs(visitor):
    put(visitor, wanted("start", "mercier.example"), wanted("vps", months=1))

    page = visitor.get("/order/basket").content.decode()

    for said in ("mercier.example", "12 months", "1 month", "€30.00", "€5.00", "€45.00", "€54.00"):
        assert said in page


def test_prices_are_those_of_the_operators_day_not_of_a_day_a_customer_chose(customer, monkeypatch):
    dearer = Price(date(2027, 1, 1), 1, euros("99.00"), euros("0"))
    server = replace(SERVER, prices=(*SERVER.prices, dearer))
    monkeypatch.setattr(catalogue, "current", lambda: replace(CATALOGUE, products=(server,)))
    shown = []

    for zone, hour in (
        ("Pacific/Kiritimati", "2026-12-31T12:00Z"),
        ("Pacific/Midway", "2027-01-01T01:00Z"),
    ):
        Account.objects.filter(pk=customer.account.pk).update(time_zone=zone)
        with time_machine.travel(hour, tick=False):
            browser = customer.sign_in()
            put(browser, wanted("vps", months=1))
            shown.append(browser.get("/order/basket").content.decode())

    assert "€10.00" in shown[0]
    assert "€99.00" in shown[1]


def test_an_empty_basket_says_so_and_leads_to_the_shop(visitor):
    page = visitor.get("/order/basket").content.decode()

    assert "The basket is empty" in page
    assert 'href="/order"' in page


def test_a_line_is_taken_out_and_a_second_press_takes_no_other(visitor):
    first, second = wanted("start", "mercier.example"), wanted("vps")
    put(visitor, first, second)

    for _press in range(2):
        visitor.post("/order/basket/remove", {"line": baskets.name_of(first)})

    assert baskets.read(visitor.cookies["basket"].value).lines == (second,)
    visitor.post("/order/basket/remove", {"line": baskets.name_of(second)})
    assert "empty" in visitor.get("/order/basket").content.decode()


def test_what_cannot_be_ordered_is_said_and_stops_the_order(customer):
    browser = customer.sign_in()
    put(browser, wanted("gone", "mercier.example"), wanted("vps"))

    page = browser.get("/order/basket").content.decode()

    assert "This product is not offered" in page
    assert "Go on to the order" not in page
    assert browser.get("/order/checkout").headers["Location"] == "/order/basket"


@pytest.mark.parametrize("cookie", ["nonsense", "A" * 4000, "W10=", "bnVsbA=="])
def test_a_broken_basket_is_an_empty_one(visitor, cookie):
    visitor.cookies["basket"] = cookie

    assert "The basket is empty" in visitor.get("/order/basket").content.decode()


def test_a_product_named_by_a_script_stays_text(visitor):
    put(visitor, wanted("<script>alert(1)</script>", "mercier.example"))

    page = visitor.get("/order/basket").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_whoever_is_not_signed_in_comes_back_to_the_order(visitor, customer):
    put(visitor, wanted("vps"))

    answer = visitor.get("/order/checkout")

    assert answer.headers["Location"] == "/signin?next=%2Forder%2Fcheckout"
    signed = visitor.post(
        "/signin",
        {"identifier": customer.handle, "password": customer.password, "next": "/order/checkout"},
    )
    assert "/order/checkout" in signed.headers["Location"] or "next" in signed.headers["Location"]


def test_the_order_is_placed_and_leads_to_the_payment(customer):
    browser = customer.sign_in()
    put(browser, wanted("start", "mercier.example"))
    form = checkout(browser)

    answer = browser.post("/order/checkout", form)

    placed = Order.objects.get()
    assert answer.headers["Location"].startswith("/pay/")
    assert browser.get(answer.headers["Location"]).status_code == 200
    assert placed.at_once_asked
    assert not baskets.read(browser.cookies["basket"].value)
    # The form sent again, from the back button or a second press, leads to the same.
    assert browser.post("/order/checkout", form).headers["Location"] == answer.headers["Location"]
    assert Order.objects.count() == 1


def test_the_last_page_says_all_the_law_wants_said(customer):
    browser = customer.sign_in()
    put(browser, wanted("start", "mercier.example"), wanted("domain-fr", "mercier.fr"))

    page = text(browser.get("/order/checkout"))

    for said in (
        customer.handle,
        "Diane Mercier",
        "12 rue des Lilas",
        "General terms (2026-01)",
        "All of them.",
        "Consumers cannot withdraw from this: It is made for you.",
        "withdraw from the contract within 14 days",
        "Order, with the obligation to pay",
        "€8.00",
        "€51.60",
    ):
        assert said in page


def test_who_has_no_right_to_withdraw_is_not_asked_to_begin_at_once(customer):
    Account.objects.filter(pk=customer.account.pk).update(
        kind="corporation", organisation="Boulangerie Mercier"
    )
    browser = customer.sign_in()
    put(browser, wanted("start", "mercier.example"))
    form = {name: value for name, value in checkout(browser).items() if name != "at_once"}

    assert "begin at once" not in text(browser.get("/order/checkout"))
    assert browser.post("/order/checkout", form | {"terms": "on"}).status_code == 302
    assert not Order.objects.get().at_once_asked


def organisation(customer):
    Account.objects.filter(pk=customer.account.pk).update(
        kind="corporation", organisation="Boulangerie Mercier"
    )
    browser = customer.sign_in()
    put(browser, wanted("start", "mercier.example"))
    return browser


def test_an_organisation_gives_the_number_of_its_own_order(customer):
    browser = organisation(customer)
    form = checkout(browser) | {"purchase_order": "  BC\u200b-2026 / 114 é  "}
    browser.post("/order/checkout", form)

    order = Order.objects.get()
    assert order.purchase_order == "BC-2026 / 114 é"
    page = text(browser.get(f"/orders/{order.number}"))
    assert "Your purchase order: BC-2026 / 114 é" in page


def test_a_number_that_is_too_long_is_refused_and_nothing_is_lost(customer):
    browser = organisation(customer)
    form = checkout(browser) | {"purchase_order": "B" * 41}
    answer = browser.post("/order/checkout", form)

    assert answer.status_code == 422
    assert "B" * 41 in answer.content.decode()
    assert not Order.objects.exists()


def test_a_person_is_asked_for_no_such_number_and_sends_none(customer):
    browser = customer.sign_in()
    put(browser, wanted("start", "mercier.example"))
    assert "purchase order" not in text(browser.get("/order/checkout"))
    browser.post("/order/checkout", checkout(browser) | {"purchase_order": "BC-1"})

    assert Order.objects.get().purchase_order == ""


def test_without_accepting_nothing_is_ordered_and_nothing_is_lost(customer):
    browser = customer.sign_in()
    put(browser, wanted("start", "mercier.example"))
    form = checkout(browser)
    del form["terms"]

    answer = browser.post("/order/checkout", form)

    assert answer.status_code == 422
    assert "Accept the terms to order." in answer.content.decode()
    assert 'name="at_once"' in answer.content.decode()
    assert hidden(answer.content.decode())["once"] == form["once"]
    assert not Order.objects.exists()


def test_a_price_that_moved_is_shown_and_asked_for_again(customer, monkeypatch):
    browser = customer.sign_in()
    put(browser, wanted("vps"))
    form = checkout(browser)
    newer = replace(CATALOGUE, terms=(replace(CATALOGUE.terms[0], version="2027-01"),))
    monkeypatch.setattr(catalogue, "current", lambda: newer)

    answer = browser.post("/order/checkout", form)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "have changed" in page
    assert hidden(page)["seen"] != form["seen"]
    assert not re.search(r'name="terms"[^>]*checked', page)
    again_sent = browser.post("/order/checkout", {**form, **hidden(page)})
    assert again_sent.status_code == 302
    assert Order.objects.get().terms["terms"][0]["version"] == "2027-01"


@pytest.mark.parametrize("field", ["once", "seen"])
def test_a_form_with_a_broken_key_is_refused(customer, field):
    browser = customer.sign_in()
    put(browser, wanted("vps"))
    form = checkout(browser) | {field: "x"}

    assert browser.post("/order/checkout", form).status_code in {409, 422}
    assert not Order.objects.exists()


def test_one_sees_ones_orders_and_nobody_elses(customer, stranger, act):
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    mine, theirs = customer.sign_in(), stranger.sign_in()

    assert placed.number in mine.get("/orders").content.decode()
    assert placed.number not in theirs.get("/orders").content.decode()
    page = text(mine.get(f"/orders/{placed.number}"))
    for said in (customer.handle, "mercier.example", "€42.00", "To be paid", "Diane Mercier"):
        assert said in page
    for path in ("", "/cancel"):
        answer = theirs.get(f"/orders/{placed.number}")
        if path:
            answer = theirs.post(f"/orders/{placed.number}{path}")
        assert answer.status_code == 404
    assert again(placed).state == "notPaid"


def test_orders_are_found_by_number_by_name_and_by_state(customer, act):
    first = order(customer, wanted("start", "mercier.example"), act=act)
    second = order(customer, wanted("start", "Ärzte.example"), wanted("vps"), act=act)
    pay(first)
    browser = customer.sign_in()

    def found(query):
        page = browser.get(f"/orders?{query}").content.decode()
        return {placed.number for placed in (first, second) if placed.number in page}

    assert found("") == {first.number, second.number}
    assert found(f"text={first.number.lower()}") == {first.number}
    assert found("text=MERCIER") == {first.number}
    assert found("text=xn--rzte") == {second.number}
    assert found("state=notPaid") == {second.number}
    assert found("state=nonsense") == {first.number, second.number}
    assert "No order like that" in browser.get("/orders?text=nothing").content.decode()


def test_many_orders_come_in_pages(customer, act, settings):
    for _number in range(26):
        order(customer, wanted("vps"), act=act)
    browser = customer.sign_in()

    first = browser.get("/orders").content.decode()
    following = re.search(r'href="\?(after=[^"]+)"', first)
    assert following
    second = browser.get(f"/orders?{following[1]}").content.decode()

    numbers = set(re.findall(r'href="/orders/(C[0-9]{8})"', first))
    others = set(re.findall(r'href="/orders/(C[0-9]{8})"', second))
    assert (len(numbers), len(others)) == (25, 1)
    assert not numbers & others


def test_the_file_holds_what_is_shown(customer, act):
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    browser = customer.sign_in()

    rows = b"".join(browser.get("/orders.csv")).decode().splitlines()

    assert rows[1].startswith(placed.number)
    assert "mercier.example" in rows[1]
    assert "35.00" in rows[1]
    assert "42.00" in rows[1]
    assert len(b"".join(browser.get("/orders.csv?state=delivered")).decode().splitlines()) == 1


def test_several_are_paid_together(customer, stranger, act):
    first, second = (order(customer, wanted("vps"), act=act) for _number in range(2))
    foreign = order(stranger, wanted("vps"), act=act)
    browser = customer.sign_in()

    chosen = [first.number, second.number, foreign.number, "nonsense"]
    answer = browser.post("/orders/pay", {"order": chosen})

    page = browser.get(answer.headers["Location"]).content.decode()
    assert second.number in page
    assert foreign.number not in page
    assert browser.post("/orders/pay").headers["Location"] == "/orders"
    assert browser.post("/orders/pay", {"order": [foreign.number]}).headers["Location"] == "/orders"


def test_cancelling_twice_says_that_it_is_cancelled(customer, act):
    placed = order(customer, act=act)
    browser = customer.sign_in()

    for _press in range(2):
        answer = browser.post(f"/orders/{placed.number}/cancel", follow=True)
        assert "The order is cancelled." in answer.content.decode()
    assert "Pay €" not in answer.content.decode()


def test_a_delivered_order_shows_its_service_and_the_way_out(customer, act):
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    pay(placed)
    deliver(placed)
    browser = customer.sign_in()

    page = browser.get(f"/orders/{placed.number}").content.decode()

    service = again(placed).lines.get().service_id
    assert f'href="/services/{service}"' in page
    assert f'href="/withdraw/order/{placed.number}"' in page
    answer = browser.post(f"/orders/{placed.number}/cancel", follow=True)
    assert "cannot be cancelled" in answer.content.decode()


def test_pages_of_orders_cost_the_same_however_many_there_are(
    customer, act, django_assert_max_num_queries
):
    browser = customer.sign_in()
    for number in range(3):
        order(customer, wanted("start", f"n{number}.example"), wanted("vps"), act=act)
    with django_assert_max_num_queries(4):
        browser.get("/orders")
    for number in range(3, 20):
        order(customer, wanted("start", f"n{number}.example"), act=act)
    with django_assert_max_num_queries(4):
        browser.get("/orders")
    placed = Order.objects.latest("pk")
    with django_assert_max_num_queries(8):
        browser.get(f"/orders/{placed.number}")
    assert uuid4()


def test_whose_address_lacks_is_asked_to_complete_it_before_the_order(customer):
    browser = customer.sign_in()
    put(browser, wanted("vps"))
    Account.objects.filter(pk=customer.account.pk).update(address="", city="")

    for path in ("/order/basket", "/order/checkout"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert 'href="/account/edit"' in answer.content.decode()
    assert not Order.objects.exists()
