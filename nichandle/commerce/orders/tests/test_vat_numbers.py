"""What a company of another state pays before, while and after VIES has said what it knows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.invoices.models import VatAnswer
from nichandle.commerce.invoices.tests.register import AWAY, NO, YES, played
from nichandle.commerce.invoices.vies import asking
from nichandle.commerce.orders.models import Order
from nichandle.commerce.orders.tests.goods import CATALOGUE, wanted
from nichandle.commerce.orders.tests.test_pages import checkout, put
from nichandle.identity.accounts.models import Account
from nichandle.platform.jobs.registry import never

pytestmark = pytest.mark.django_db
ASKING = "We are asking the European register (VIES) about your VAT number"


@pytest.fixture(autouse=True)
def shop(monkeypatch):
    """What is sold here: no operator's file is read."""
    monkeypatch.setattr(catalogue, "current", lambda: CATALOGUE)


@pytest.fixture
def vies(settings):
    with played() as found:
        settings.NICHANDLE_VIES_URL = found.address
        yield found


@pytest.fixture
def company(customer):
    """A company in Berlin with a product in its basket, signed in."""
    Account.objects.filter(pk=customer.account.pk).update(
        kind=Account.Kind.CORPORATION,
        organisation="Bäckerei Schmidt GmbH",
        country="DE",
        postcode="10969",
        city="Berlin",
        vat_number="DE129273398",
    )
    customer.sign_in()
    put(customer.browser, wanted("start", "schmidt.example"))
    return customer


def work():
    return asking.ask_due(timezone.now, never)


def page(person, path="/order/checkout"):
    answer = person.browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("path", ["/order/checkout", "/order/basket"])
def test_while_the_register_is_asked_there_is_vat_and_the_page_says_so(company, vies, path):
    vies.answer(YES)
    shown = page(company, path)

    assert "€41.65" in shown
    assert ASKING in shown
    assert vies.asked == []


def test_once_it_is_confirmed_there_is_none_and_the_order_keeps_why(company, vies):
    vies.answer(YES)
    page(company)
    assert work() == 1
    shown = page(company)
    assert "No VAT" in shown
    assert ASKING not in shown

    company.browser.post("/order/checkout", checkout(company.browser))
    placed = Order.objects.get()
    assert placed.gross_minor == placed.net_minor == 3500
    assert "WAPIAAAAZK1QdR2c" in str(placed.quote)


def test_confirmed_between_page_and_press_the_new_price_is_shown_first(company, vies):
    vies.answer(YES)
    form = checkout(company.browser)
    work()
    answer = company.browser.post("/order/checkout", form)

    assert answer.status_code == 409
    assert "No VAT" in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("said", [NO, AWAY])
def test_not_confirmed_it_pays_vat_and_can_order(company, vies, said):
    vies.answer(said)
    page(company)
    work()
    company.browser.post("/order/checkout", checkout(company.browser))

    assert Order.objects.get().gross_minor == 4165


def test_a_confirmation_of_two_days_ago_counts_no_more(company, vies):
    VatAnswer.objects.create(
        number="DE129273398",
        answer="valid",
        answered_at=timezone.now() - timedelta(days=2),
    )
    shown = page(company)

    assert "€41.65" in shown
    assert ASKING in shown


def test_a_confirmed_number_of_another_state_than_the_address_is_asked_about(company, vies):
    vies.answer(YES)
    Account.objects.filter(pk=company.account.pk).update(country="IT", postcode="20121")
    page(company)
    work()
    answer = company.browser.get("/order/checkout")

    assert "belongs to another country than your address" in answer.content.decode()


def test_the_shop_shows_what_the_confirmed_number_makes_of_its_prices(company, vies):
    vies.answer(YES)
    page(company)
    assert "€35.70" in page(company, "/order/product/start")
    work()

    assert "€35.70" not in page(company, "/order/product/start")
