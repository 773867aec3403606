"""“Is this invoice really yours?”: a true answer to everybody, and nothing to whoever guesses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.invoices import queries
from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.tests.helpers import draft_for, euros, issue_all
from nichandle.platform.limits.catalogue import CATALOGUE

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(customer, quick_files):
    draft_for(customer, 1000, paid=True)
    issue_all()
    return Invoice.objects.get()


def ask(visitor, number, amount, fingerprint=""):
    given = {"number": number, "amount": amount, "fingerprint": fingerprint}
    return visitor.post("/invoices/check", given)


def said(answer):
    """Return what the page answers."""
    (found,) = re.findall(r'class="banner [^>]*>.*?</p>', answer.content.decode(), re.DOTALL)
    return found


def test_one_that_was_issued_is_ours(visitor, invoice):
    answer = ask(visitor, invoice.number.lower(), "12,00 €")

    assert "Yes. We have issued" in answer.content.decode()


@pytest.mark.parametrize(
    "amount", ["1,234.80", "€1,234.80", "1.234,80 EUR", "eur 1 234,8", "1'234.80", "−1234.80 €"]
)
def test_its_amount_is_read_as_english_french_and_germans_write_it(
    visitor, customer, quick_files, amount
):
    draft_for(customer, 102900, paid=True)
    issue_all()

    answer = ask(visitor, Invoice.objects.get().number, amount)

    assert "Yes. We have issued" in answer.content.decode()


@given(st.integers(0, 10**11), st.sampled_from(["fr", "en", "de", "de-ch", "es", "it", "pl"]))
def test_an_amount_is_read_as_it_was_shown_in_any_language(units, language):
    amount = euros(units)
    shown = amount.shown(language.replace("-", "_"))

    assert queries.amount_of(shown) == amount.amount
    assert queries.amount_of(shown.replace("€", "EUR")) == amount.amount
    assert queries.amount_of(str(amount.amount)) == amount.amount


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"))
def test_one_mark_before_three_digits_makes_a_group(thousands, rest, mark):
    assert queries.amount_of(f"{thousands}{mark}{rest:03}") == thousands * 1000 + rest
    assert queries.amount_of(f"1{mark}{thousands:03}{mark}{rest:03}") == (
        1_000_000 + thousands * 1000 + rest
    )


@pytest.mark.parametrize(
    "text", ["", ".", "1,234.567.890", "1.2.3", "1e3", "12 XYZ", "1EUR2", "1-2"]
)
def test_what_is_no_amount_is_none(text):
    assert queries.amount_of(text) is None


@pytest.mark.parametrize("kind", ["pdf", "xml"])
def test_its_fingerprint_proves_the_file(visitor, invoice, kind):
    digest = queries.content(invoice, kind).sha256

    assert "exactly the one" in ask(visitor, invoice.number, "12", digest).content.decode()


def test_the_fingerprint_of_another_invoice_proves_nothing(visitor, customer, invoice):
    draft_for(customer, 1000, paid=True)
    issue_all()
    other = Invoice.objects.exclude(pk=invoice.pk).get()

    answer = ask(visitor, invoice.number, "12", queries.content(other, "pdf").sha256)

    assert "No. We have issued no such document" in said(answer)


def test_unknown_and_wrong_get_the_same_answer(visitor, invoice):
    wrong = [
        ask(visitor, invoice.number, "12.01"),
        ask(visitor, "F2020-000001", "12.00"),
        ask(visitor, invoice.number, "12.00", "0" * 64),
    ]

    assert len({said(answer) for answer in wrong}) == 1
    assert "No. We have issued no such document" in said(wrong[0])


def test_a_program_that_follows_links_learns_and_spends_nothing(visitor, invoice):
    answer = visitor.get(f"/invoices/check?number={invoice.number}&amount=12.00")

    assert "Yes" not in answer.content.decode()


def test_whoever_asks_too_often_waits(visitor, invoice):
    for _each in range(CATALOGUE["invoice.check"].count):
        ask(visitor, "F2020-000001", "1")

    assert ask(visitor, invoice.number, "12.00").status_code == 429


@pytest.mark.parametrize(("amount", "fingerprint"), [("twelve", ""), ("12", "0123"), ("NaN", "")])
def test_what_cannot_be_read_is_said_beside_its_field(visitor, invoice, amount, fingerprint):
    assert ask(visitor, invoice.number, amount, fingerprint).status_code == 422


HUGE = ["1e999999999", "-1e999999999", "0e999999999", "1e-999999999", "9" * 30]


@pytest.mark.parametrize("amount", HUGE)
def test_figures_that_nobody_can_reckon_with_are_no_amount(visitor, customer, invoice, amount):
    answer = ask(visitor, invoice.number, amount)

    assert "Yes. We have issued" not in answer.content.decode()
    assert answer.status_code in {200, 422}
    assert customer.sign_in().get("/invoices", {"text": amount}).status_code == 200
