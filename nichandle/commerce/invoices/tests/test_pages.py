"""The customer's pages: whose invoices they show, and what they say of them."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.utils import timezone

from nichandle.commerce.invoices import operations, queries
from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.tests.helpers import REASON, draft_for, euros, issue_all
from nichandle.commerce.services.operations import hand_over

pytestmark = pytest.mark.django_db


def page(person, address, status=200):
    answer = person.browser.get(address, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == status
    return answer.content.decode()


def issued(person, *prices, **given):
    draft_for(person, *prices, **given)
    issue_all()
    return Invoice.objects.order_by("-pk").first()


def test_the_list_shows_ones_invoices_with_state_and_amount(customer, quick_files):
    invoice = issued(customer, 1000)
    issued(customer, 2500, paid=True)
    customer.sign_in()

    shown = page(customer, "/invoices")

    assert invoice.number in shown
    assert "€12.00" in shown
    assert "€30.00" in shown
    assert "To pay" in shown
    assert "Paid" in shown


def test_nobody_else_sees_an_invoice_its_files_or_that_it_exists(customer, stranger, quick_files):
    invoice = issued(customer, 1000)
    stranger.sign_in()

    assert invoice.number not in page(stranger, "/invoices")
    page(stranger, f"/invoices/{invoice.number}", 404)
    page(stranger, f"/invoices/{invoice.number}/pdf", 404)


def test_whoever_bills_a_service_sees_its_invoices_and_no_other_contact_does(
    customer, contact, stranger, make_service, quick_files
):
    service = make_service(billing=contact, technical=stranger)
    invoice = issued(customer, 1000, service_ids=[service.pk])
    other = issued(customer, 5000, due=invoice.due_date.replace(day=30))
    contact.sign_in()
    stranger.sign_in()

    shown = page(contact, "/invoices")
    assert invoice.number in shown
    assert customer.handle in shown
    assert other.number not in shown
    page(contact, f"/invoices/{invoice.number}")
    page(contact, f"/invoices/{other.number}", 404)
    page(stranger, f"/invoices/{invoice.number}", 404)


def test_the_files_are_those_that_were_issued(customer):
    invoice = issued(customer, 1000)
    customer.sign_in()

    answer = customer.browser.get(f"/invoices/{invoice.number}/pdf")

    assert answer.content.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert customer.browser.get(f"/invoices/{invoice.number}/xml").content.startswith(b"<?xml")
    assert customer.browser.get(f"/invoices/{invoice.number}/exe").status_code == 404


@pytest.mark.parametrize("text", ["F2026-000002", "000002", "30", "30,00", "30.00 €"])
def test_an_invoice_is_found_by_its_number_and_by_its_amount(customer, quick_files, text):
    first = issued(customer, 1000, paid=True)
    second = issued(customer, 2500, paid=True)
    text = text.replace("2026", str(second.year))
    customer.sign_in()

    shown = customer.browser.get("/invoices", {"text": text}).content.decode()

    assert second.number in shown
    assert first.number not in shown


def test_what_is_to_be_paid_is_less_what_was_credited(customer, quick_files):
    issued(customer, 1000, 500, cause="order:C1")
    operations.credit_cause("order:C1", reason=REASON, lines=[1], now=timezone.now())

    assert queries.to_pay(customer.account.pk) == [euros(1200)]


def test_a_period_holds_its_first_and_its_last_day_and_no_other(customer, quick_files):
    days = [date(2027, 3, day) for day in (9, 10, 11, 12)]
    for day in days:
        draft_for(customer, 1000, paid=True)
        issue_all(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    customer.sign_in()

    found = customer.browser.get("/invoices", {"begin": "2027-03-10", "end": "2027-03-11"})

    assert [row.issued_on for row in found.context["rows"]] == [days[2], days[1]]


def test_a_list_has_pages_and_a_file_for_spreadsheets_with_what_is_shown(customer, quick_files):
    for _each in range(27):
        draft_for(customer, 1000, paid=True)
    draft_for(customer, 2000)
    issue_all()
    customer.sign_in()

    first = customer.browser.get("/invoices")
    assert len(first.context["rows"]) == 25
    second = customer.browser.get(f"/invoices?{first.context['next']}")
    assert len(second.context["rows"]) == 3
    assert second.context["next"] == ""
    csv = b"".join(customer.browser.get("/invoices.csv", {"state": "open"}).streaming_content)
    assert len(csv.decode().strip().splitlines()) == 2
    assert b"24.00" in csv


def test_the_page_explains_the_vat_and_what_changed_since_the_last_one(customer, quick_files):
    issued(customer, 1000, 2000, paid=True)
    invoice = issued(customer, 1000, 2500, 4000, paid=True)
    customer.sign_in()

    shown = page(customer, f"/invoices/{invoice.number}")

    assert "Why this VAT?" in shown
    assert "20&nbsp;%" in shown
    assert "€25.00 instead of €20.00 before VAT" in shown
    assert "new, €40.00 before VAT" in shown


def test_who_bills_a_service_from_now_on_sees_nothing_of_what_was_billed_before(
    customer, contact, make_service, quick_files
):
    service = make_service()
    before = issued(customer, 66600, paid=True, service_ids=[service.pk])
    hand_over(
        [(service.pk, "billing")],
        old=(customer.account.pk, customer.handle),
        new=(contact.account.pk, contact.handle),
        by=customer.handle,
        now=timezone.now(),
    )
    after = issued(customer, 1000, paid=True, service_ids=[service.pk])
    contact.sign_in()

    for path in ("/invoices", f"/invoices?service={service.pk}", "/invoices.csv"):
        shown = contact.browser.get(path).getvalue().decode()
        assert after.number in shown
        assert before.number not in shown
    for kind in ("", "/pdf", "/xml"):
        page(contact, f"/invoices/{before.number}{kind}", 404)
    shown = page(contact, f"/invoices/{after.number}")
    assert before.number not in shown
    assert "€666.00" not in shown
    customer.sign_in()
    assert before.number in page(customer, "/invoices")


def test_a_billing_contact_reads_nothing_of_invoices_of_other_services(
    customer, contact, make_service, quick_files
):
    service = make_service(billing=contact)
    seen = issued(customer, 1000, 2000, paid=True, service_ids=[service.pk])
    hidden = issued(customer, 1000, 66600, 77700, paid=True)
    invoice = issued(customer, 1000, 2500, paid=True, service_ids=[service.pk])
    contact.sign_in()

    shown = page(contact, f"/invoices/{invoice.number}")

    for secret in (hidden.number, "€666.00", "€777.00"):
        assert secret not in shown
    assert f"/invoices/{seen.number}" in shown
    assert "€25.00 instead of €20.00 before VAT" in shown
    assert "What has changed" not in page(contact, f"/invoices/{seen.number}")


def test_invoice_and_credit_note_link_to_each_other(customer, quick_files):
    invoice = issued(customer, 1000, paid=True, cause="order:C1")
    operations.credit_cause("order:C1", reason=REASON, now=timezone.now())
    issue_all()
    note = Invoice.objects.get(kind="credit_note")
    customer.sign_in()

    assert f"/invoices/{note.number}" in page(customer, f"/invoices/{invoice.number}")
    assert f"/invoices/{invoice.number}" in page(customer, f"/invoices/{note.number}")
    assert "Cancelled by a credit note" in page(customer, "/invoices")


def test_a_spreadsheet_adds_up_to_what_was_invoiced_less_what_was_credited(customer, quick_files):
    issued(customer, 1000, 500, paid=True, cause="order:C1")
    operations.credit_cause("order:C1", reason=REASON, lines=[0], now=timezone.now())
    issue_all()
    customer.sign_in()

    told = b"".join(customer.browser.get("/invoices.csv").streaming_content).decode("utf-8-sig")

    rows = list(csv.DictReader(StringIO(told), delimiter=";" if ";" in told else ","))
    assert [row["With VAT"] for row in rows] == ["-12.00", "18.00"]
    assert sum(Decimal(row["Before VAT"]) + Decimal(row["VAT"]) for row in rows) == 6


def test_the_list_takes_as_many_statements_for_many_as_for_one(
    customer, quick_files, django_assert_num_queries
):
    for _each in range(30):
        draft_for(customer, 1000, paid=True)
    issue_all()
    customer.sign_in()
    customer.browser.get("/invoices")

    with django_assert_num_queries(4):
        customer.browser.get("/invoices")


def test_a_service_leads_to_its_invoices_and_to_no_others(customer, make_service, quick_files):
    service, other = make_service(), make_service()
    invoice = issued(customer, 1000, service_ids=[service.pk])
    elsewhere = issued(customer, 2000, service_ids=[other.pk])
    customer.sign_in()
    assert f"/invoices?service={service.pk}" in page(customer, f"/services/{service.pk}")

    shown = page(customer, f"/invoices?service={service.pk}")
    assert invoice.number in shown
    assert "Still to pay" not in shown
    assert elsewhere.number not in shown
    assert service.name in shown
    assert f'<input type="hidden" name="service" value="{service.pk}"' in shown
    sheet = b"".join(customer.browser.get(f"/invoices.csv?service={service.pk}").streaming_content)
    assert str(invoice.number).encode() in sheet
    assert str(elsewhere.number).encode() not in sheet


def test_a_service_without_invoices_says_so(customer, make_service, quick_files):
    service = make_service()
    issued(customer, 1000)
    customer.sign_in()

    assert "No invoice yet" in page(customer, f"/invoices?service={service.pk}")
    assert "No invoice like that" in page(customer, f"/invoices?service={service.pk}&text=9")


def test_the_number_of_a_service_of_others_tells_nothing(
    customer, contact, stranger, make_service, quick_files
):
    service = make_service(technical=contact)
    invoice = issued(customer, 1000, service_ids=[service.pk])
    for person in (contact, stranger):
        person.sign_in()
        shown = page(person, f"/invoices?service={service.pk}")
        assert invoice.number not in shown
    assert service.name not in page(stranger, f"/invoices?service={service.pk}")
    assert "/invoices?service" not in page(contact, f"/services/{service.pk}")


@pytest.mark.parametrize("given", ["0", "-1", "x", "99999999999999999999"])
def test_what_is_no_service_filters_nothing(customer, quick_files, given):
    invoice = issued(customer, 1000)
    customer.sign_in()

    assert invoice.number in page(customer, f"/invoices?service={given}")
