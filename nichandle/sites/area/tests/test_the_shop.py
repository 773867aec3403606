"""The shop: everybody sees what is sold, at the prices of their country and kind."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nichandle.commerce.catalogue.operations import adopt
from nichandle.commerce.catalogue.tests.catalogues import demo_text, small
from nichandle.commerce.orders.basket import content as baskets
from nichandle.identity.accounts.rules import KIND_LABELS

pytestmark = pytest.mark.django_db

TAGS = re.compile(r"<[^>]*>")
ALL = ("/order", "/order/hosting", "/order/product/web-start", "/order/terms/general")


@pytest.fixture
def shop(now):
    return adopt(demo_text(), now=now)


@pytest.fixture
def visitor():
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")


def words(answer) -> str:
    text = unescape(TAGS.sub(" ", answer.content.decode()))
    return re.sub(r"\s+", " ", text)


def basket_in(browser) -> tuple[baskets.Wanted, ...]:
    (cookie,) = [each for name, each in browser.cookies.items() if name.endswith("basket")]
    return baskets.read(cookie.value).lines


def order(browser, product, **answers):
    return browser.post(f"/order/product/{product}", answers)


@pytest.mark.parametrize("page", ALL)
def test_every_page_is_open_to_visitors_and_to_customers(page, shop, visitor, customer):
    assert visitor.get(page).status_code == 200
    assert customer.sign_in().get(page).status_code == 200


@pytest.mark.parametrize(
    "page", ["/order/nothing", "/order/product/nothing", "/order/terms/nothing", "/order/Hosting"]
)
def test_what_is_not_sold_is_not_found(page, shop, visitor):
    assert visitor.get(page).status_code == 404


def test_before_anything_is_sold_the_shop_says_so(visitor):
    assert "Nothing can be ordered now" in words(visitor.get("/order"))


def test_the_shop_shows_every_family_with_its_lowest_price(shop, visitor):
    said = words(visitor.get("/order"))

    assert "Web hosting" in said
    assert "from €3.59 with VAT a month €2.99 before VAT" in said
    assert "€178.80 with VAT €149.00 before VAT" in said


def test_french_is_spoken_as_written_by_the_operator(shop):
    french = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="fr")

    assert "Hébergement web" in words(french.get("/order"))
    assert "12 mois : 35,88 € TTC, 29,90 € HT" in words(french.get("/order/product/web-start"))


def test_what_is_sold_no_more_is_shown_no_more(now, visitor):
    adopt(small(("    terms:", "    offered: no\n    terms:")), now=now)

    assert "Web Start" not in words(visitor.get("/order/hosting"))
    assert visitor.get("/order/product/web-start").status_code == 404


def test_a_price_that_changes_is_the_new_one_from_its_day_on(now, visitor, time_machine):
    adopt(small(), now=now)
    time_machine.move_to("2027-01-31 22:59:59+00:00")
    assert "1 month: €3.59 with VAT" in words(visitor.get("/order/product/web-start"))

    # Midnight in Paris.
    time_machine.move_to("2027-01-31 23:00:00+00:00")
    said = words(visitor.get("/order/product/web-start"))
    assert "1 month" not in said
    assert "12 months: €42.00 with VAT, €35.00 before VAT + set-up, once: €6.00 with VAT" in said


@pytest.mark.parametrize(
    ("country", "kind", "said"),
    [
        ("FR", "individual", "12 months: €35.88 with VAT, €29.90 before VAT"),
        ("FR", "association", "12 months: €35.88 with VAT, €29.90 before VAT"),
        ("FR", "corporation", "12 months: €29.90 before VAT, €35.88 with VAT"),
        ("US", "individual", "12 months: €29.90, without VAT"),
    ],
)
def test_a_customer_sees_the_prices_of_their_country_and_kind(country, kind, said, shop, customer):
    account = customer.account
    account.country, account.kind = country, kind
    account.save(update_fields=["country", "kind"])

    page = words(customer.sign_in().get("/order/product/web-start"))
    assert said in page
    assert f"With the VAT of your account ({dict(KIND_LABELS)[kind]}, " in page


def test_a_visitor_reads_whose_prices_these_are(shop, visitor, settings):
    assert "With the VAT of consumers in France" in words(visitor.get("/order"))


def test_a_product_goes_into_the_basket_with_its_answers_in_one_form(shop, visitor):
    answer = order(visitor, "web-start", period="12", **{"answer-domain": "https://Mercier.FR/"})

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/order/basket"
    assert basket_in(visitor) == (baskets.Wanted("web-start", 12, {"domain": "mercier.fr"}),)
    assert "Basket: 1 product" in words(visitor.get("/order"))


def test_what_is_bought_once_goes_in_without_a_period_to_choose(shop, visitor):
    assert order(visitor, "router", period="1").status_code == 302
    assert basket_in(visitor) == (baskets.Wanted("router", 1, {}),)
    said = words(visitor.get("/order/basket"))
    assert "Wi-Fi 7 router Once €149.00" in said
    assert "month" not in said


def test_a_wrong_answer_is_told_at_its_field_and_nothing_is_lost(shop, visitor):
    answer = order(
        visitor, "vps-2", period="6", **{"answer-host": "caisse", "answer-system": "debian-13"}
    )
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "Enter a complete host name" in words(answer)
    assert 'value="caisse"' in page
    assert re.search(r'value="6"[^>]*checked', page)
    assert re.search(r'value="debian-13"[^>]*selected', page)
    assert not [name for name in visitor.cookies if name.endswith("basket")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose a period."),
        ({"period": "3"}, "Choose one of these periods."),
        ({"period": "-1"}, "Choose one of these periods."),
        ({"period": "12", "answer-domain": ""}, "Answer this question."),
        ({"period": "12", "answer-domain": "x" * 5000}, "This is too long."),
        ({"period": "12" * 400, "answer-domain": "a.fr"}, "Choose one of these periods."),
        ({"period": "12", "answer-domain": "<script>alert(1)</script>"}, "Enter a domain name"),
        ({"period": "12", "answer-domain": "a.fr"}, ""),
    ],
)
def test_whatever_is_sent_is_answered(given, said, shop, visitor):
    answer = visitor.post("/order/product/web-start", given)

    assert "<script>alert" not in answer.content.decode()
    if said:
        assert answer.status_code == 422
        assert said in words(answer)
    else:
        assert answer.headers["Location"] == "/order/basket"


def test_a_price_that_is_sent_along_is_of_no_use(shop, visitor):
    order(visitor, "web-start", period="12", amount="0.01", **{"answer-domain": "a.fr"})

    assert basket_in(visitor) == (baskets.Wanted("web-start", 12, {"domain": "a.fr"}),)


def test_a_full_basket_says_so_and_keeps_what_was_typed(shop, visitor):
    for number in range(baskets.MOST_LINES):
        order(visitor, "web-start", period="12", **{"answer-domain": f"mercier{number}.fr"})
    answer = order(visitor, "web-start", period="12", **{"answer-domain": "one-more.fr"})

    assert answer.status_code == 422
    assert "The basket is full." in words(answer)
    assert "one-more.fr" in answer.content.decode()
    assert len(basket_in(visitor)) == baskets.MOST_LINES


def test_a_product_page_says_what_the_law_wants_said_before_the_order(shop, visitor):
    domain = words(visitor.get("/order/product/domain-fr"))
    hosting = words(visitor.get("/order/product/web-pro"))

    assert "There is no right of withdrawal." in domain
    assert "L221-28" in domain
    assert "A consumer may withdraw within 14 days of paying" in hosting
    assert "the days paid and not used are refunded" in hosting
    assert "Web Shop" in hosting
    assert "Web Start" in hosting


@pytest.mark.parametrize(("page", "most"), [("/order", 1), ("/order/product/vps-4", 1)])
def test_a_visitor_costs_one_statement_and_a_customer_three(page, most, shop, visitor, customer):
    visitor.get(page)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        visitor.get(page)
    assert len(asked) == most

    browser = customer.sign_in()
    browser.get(page)
    with CaptureQueriesContext(connection) as asked:
        browser.get(page)
    assert len(asked) <= 3


def test_without_a_seller_prices_are_shown_before_vat(shop, visitor, settings):
    settings.DEMO = False

    assert "12 months: €29.90 plus VAT" in words(visitor.get("/order/product/web-start"))


def test_texts_of_the_operator_are_text_and_no_markup(now, visitor):
    adopt(small(("Un petit site.", "<b onclick=x>"), ("A small site.", "<b onclick=x>")), now=now)

    for page in ("/order/hosting", "/order/product/web-start"):
        assert "<b onclick" not in visitor.get(page).content.decode()
