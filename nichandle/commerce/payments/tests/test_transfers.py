"""The page of a transfer: what to enter at one's bank, and the code that says the same."""

import io

import pytest
import segno
from django.utils import timezone

from nichandle.commerce.payments import payee
from nichandle.commerce.payments.models import PaymentTry
from nichandle.commerce.payments.references import shown
from nichandle.commerce.payments.tests.helpers import again, euros, owe, receive

pytestmark = pytest.mark.django_db


def choose(person, owed, **fields):
    return person.browser.post(f"/pay/{owed.number}", {"means": "transfer", **fields})


def test_the_page_says_what_to_enter(customer):
    owed = owe(customer)
    customer.sign_in()
    answer = choose(customer, owed)
    assert answer.headers["Location"] == f"/pay/{owed.number}/transfer"
    page = customer.browser.get(answer.headers["Location"]).content.decode()

    to = payee.current()
    for said in (to.iban_shown, to.bic, shown(owed.reference), "€120.00"):
        assert said in page
    assert f'data-copy="{to.iban}"' in page
    assert f'data-copy="{owed.reference}"' in page
    assert 'data-copy="120.00"' in page
    assert "<svg" in page


def test_the_page_to_pay_says_that_the_transfer_is_waited_for(customer):
    owed = owe(customer)
    customer.sign_in()
    choose(customer, owed)

    assert again(owed).announced_at <= timezone.now()
    page = customer.browser.get(f"/pay/{owed.number}").content.decode()
    assert "You have chosen to transfer the money" in page


def test_what_has_come_meanwhile_is_taken_off(customer):
    owed = owe(customer)
    receive(owed, 5000)
    customer.sign_in()
    assert "€70.00" in customer.browser.get(f"/pay/{owed.number}/transfer").content.decode()
    receive(owed, 7000, "bank:2")
    answer = customer.browser.get(f"/pay/{owed.number}/transfer")
    assert answer.headers["Location"] == f"/pay/{owed.number}"


def test_several_have_one_reference_of_their_own(customer):
    first, second = owe(customer, 1000), owe(customer, 2000)
    customer.sign_in()
    place = choose(customer, first, also=[second.number]).headers["Location"]
    page = customer.browser.get(place).content.decode()

    payment = PaymentTry.objects.get()
    assert place == f"/pay/{payment.number}/transfer"
    assert shown(payment.reference) in page
    assert "€30.00" in page


def test_the_code_carries_what_the_european_payments_council_asks_for():
    to = payee.Payee("H" * 80, "FR7630006000011234567890189", "AGRIFRPP")
    drawn = payee.code(to, euros(12345), "RF471234567890")
    lines = "BCD\n002\n2\nSCT\nAGRIFRPP\n{}\nFR7630006000011234567890189\nEUR123.45\n\n{}"
    wanted = segno.make(lines.format("H" * 70, "RF471234567890"), error="m", boost_error=False)

    same = io.BytesIO()
    wanted.save(
        same, kind="svg", xmldecl=False, svgns=False, omitsize=True, svgclass="qr", lineclass=None
    )
    assert drawn == same.getvalue().decode()


@pytest.mark.parametrize(
    ("iban", "reference", "currency"),
    [
        ("FR7630006000011234567890180", "RF471234567890", "EUR"),
        ("FR7630006000011234567890189", "RF481234567890", "EUR"),
        ("FR7630006000011234567890189", "RF471234567890", "CHF"),
    ],
)
def test_no_code_is_drawn_of_wrong_digits_or_in_another_currency(iban, reference, currency):
    amount = euros(100) if currency == "EUR" else payee.Money.of_minor(100, currency)

    assert payee.code(payee.Payee("H", iban), amount, reference) == ""


def test_without_an_account_to_pay_to_no_transfer_is_offered(customer, monkeypatch):
    owed = owe(customer)
    monkeypatch.setattr(payee, "current", lambda: None)
    customer.sign_in()

    assert choose(customer, owed).status_code == 422
    assert customer.browser.get(f"/pay/{owed.number}/transfer").status_code == 404
