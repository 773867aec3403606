"""What an order's invoice says of its money: the day it came, and that a bank took it back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.invoices.models import Invoice, InvoiceStanding
from nichandle.commerce.invoices.tests.helpers import issue_all
from nichandle.commerce.orders.models import Order
from nichandle.commerce.orders.tests.goods import order
from nichandle.commerce.orders.tests.living import bounce, deliver, pay
from nichandle.commerce.payments.models import BankLine
from nichandle.commerce.payments.queries import of_cause
from nichandle.commerce.payments.statements import importing
from nichandle.commerce.payments.tests.banks import Entry, camt
from nichandle.commerce.payments.tests.helpers import now_act
from nichandle.platform.kernel.act import Act

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed(customer, now, origin):
    return order(customer, act=Act(origin, now))


@pytest.fixture
def invoiced(placed, quick_files):
    pay(placed)
    deliver(placed)
    issue_all()
    return placed


def standing():
    return InvoiceStanding.objects.get()


def transfer(placed):
    """Let a statement tell of the money, and return the day on which the bank booked it."""
    booked_on = timezone.localdate() - timedelta(days=2)
    entry = Entry(placed.gross_minor, of_cause(placed.cause).reference)
    told = camt(entry).replace(b"<BookgDt><Dt>2026-12-01", f"<BookgDt><Dt>{booked_on}".encode())
    importing.take(importing.read(told, None), act=now_act())
    assert BankLine.objects.latest("pk").booked_on == booked_on
    return booked_on


def test_the_day_of_payment_is_the_day_the_bank_booked_it(placed):
    booked_on = transfer(placed)
    deliver(placed)
    issue_all()

    assert (standing().state, standing().paid_on) == ("paid", booked_on)
    assert Invoice.objects.get().facts.paid.paid_on == booked_on


def test_the_day_of_payment_is_not_the_day_the_worker_comes_to_it(placed, quick_files):
    """It was paid on the last day of a quarter where the seller is: VAT on receipts falls in it."""
    pay(placed)
    Order.objects.update(paid_at=datetime(2026, 9, 30, 21, 59, tzinfo=UTC))
    deliver(placed)
    issue_all()

    assert standing().paid_on == date(2026, 9, 30)


def test_money_that_is_taken_back_leaves_the_invoice_to_be_paid(customer, invoiced):
    browser = customer.sign_in()
    address = f"/invoices/{Invoice.objects.get().number}"
    bounce(invoiced)

    assert (standing().state, standing().paid_on, standing().means) == ("open", None, "")
    shown = browser.get(address).content.decode()
    assert "To pay" in shown
    assert f"/pay/{of_cause(invoiced.cause).number}" in shown


def test_what_is_paid_again_is_paid_on_the_day_of_the_new_money(invoiced):
    bounce(invoiced)
    booked_on = transfer(invoiced)

    assert (standing().state, standing().means) == ("paid", "transfer")
    assert standing().paid_on == booked_on


def test_what_is_taken_back_before_it_has_a_number_is_not_invoiced_as_paid(placed, quick_files):
    pay(placed)
    deliver(placed)
    bounce(placed)
    issue_all()

    assert Invoice.objects.get().facts.paid is None
    assert standing().state == "open"


def test_what_is_paid_again_before_it_has_a_number_has_the_day_of_that(placed, quick_files):
    pay(placed)
    deliver(placed)
    bounce(placed)
    booked_on = transfer(placed)
    issue_all(timezone.now() + timedelta(days=3))

    assert (standing().state, standing().paid_on) == ("paid", booked_on)
