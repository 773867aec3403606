"""“Is this invoice really yours?”: a true answer to everybody, and nothing to whoever guesses."""

import re

import pytest

from nichandle.commerce.invoices import queries
from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.tests.helpers import draft_for, issue_all
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


@pytest.mark.parametrize("kind", ["pdf", "xml"])
def test_its_fingerprint_proves_the_file(visitor, invoice, kind):
    digest = queries.content(invoice, kind).sha256

    assert "exactly the one" in ask(visitor, invoice.number, "12", digest).content.decode()


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
