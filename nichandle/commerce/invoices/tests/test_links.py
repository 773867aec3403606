"""Links that show one document to others: made, followed, withdrawn; and what they never open."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.invoices.models import Invoice, InvoiceLink
from nichandle.commerce.invoices.sharing import links
from nichandle.commerce.invoices.tests.helpers import draft_for, issue_all
from nichandle.platform.audit.models import Entry
from nichandle.platform.kernel import tokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(customer, quick_files):
    draft_for(customer, 1000)
    issue_all()
    customer.sign_in()
    return Invoice.objects.get()


def make_link(person, invoice):
    answer = person.browser.post(f"/invoices/{invoice.number}/links/new", HTTP_ACCEPT_LANGUAGE="en")
    found = re.search(r"<code>http\S+(/invoices/shared/\S+)</code>", answer.content.decode())
    return found[1] if found else ""


def acts(person):
    rows = Entry.objects.filter(account_id=person.account.pk, act__startswith="invoice.")
    return list(rows.order_by("number").values_list("act", flat=True))


def test_whoever_has_the_link_sees_the_document_and_nothing_else(customer, invoice, visitor):
    link = make_link(customer, invoice)
    answer = visitor.get(link, HTTP_ACCEPT_LANGUAGE="en")
    shown = answer.content.decode()

    assert answer.status_code == 200
    assert invoice.number in shown
    assert "€12.00" in shown
    assert customer.account.email not in shown
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    assert answer.headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
    file = visitor.get(f"{link}/pdf")
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert visitor.get(f"{link}/exe").status_code == 404
    assert visitor.get(f"/invoices/{invoice.number}").status_code == 302


def test_the_link_is_shown_once_and_only_its_digest_is_kept(customer, invoice):
    link = make_link(customer, invoice)
    secret = link.rpartition("/")[2]

    assert InvoiceLink.objects.get().digest == tokens.digest(secret)
    later = customer.browser.get(f"/invoices/{invoice.number}/links").content.decode()
    assert secret not in later
    assert acts(customer) == ["invoice.shared"]


def test_withdrawn_it_opens_nothing_at_once_and_says_what_to_do(customer, invoice, visitor):
    link = make_link(customer, invoice)
    row = InvoiceLink.objects.get()
    for _time in range(2):
        customer.browser.post(f"/invoices/{invoice.number}/links/{row.pk}")

    answer = visitor.get(link, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 410
    assert "ask them for a new one" in answer.content.decode()
    assert visitor.get(f"{link}/pdf", follow=True).status_code == 410
    assert acts(customer) == ["invoice.shared", "invoice.share_withdrawn"]


def test_it_expires(customer, invoice, visitor):
    link = make_link(customer, invoice)
    InvoiceLink.objects.update(expires_at=timezone.now())

    assert visitor.get(link).status_code == 410
    assert visitor.get(f"{link}/xml", follow=True).status_code == 410


def test_it_lasts_thirty_days(customer, invoice):
    make_link(customer, invoice)
    row = InvoiceLink.objects.get()

    assert row.expires_at - row.made_at == links.LASTS == timedelta(days=30)


def test_nobody_makes_or_withdraws_a_link_for_what_is_not_his(
    customer, contact, stranger, make_service, invoice
):
    service = make_service(billing=contact)
    draft_for(customer, 5000, service_ids=[service.pk])
    issue_all()
    billed = Invoice.objects.order_by("-pk").first()
    make_link(customer, billed)
    row = InvoiceLink.objects.get()
    for person in (contact, stranger):
        person.sign_in()
        assert person.browser.get(f"/invoices/{billed.number}/links").status_code == 404
        assert person.browser.post(f"/invoices/{billed.number}/links/new").status_code == 404
        answer = person.browser.post(f"/invoices/{billed.number}/links/{row.pk}")
        assert answer.status_code == 404
    seen = contact.browser.get(f"/invoices/{billed.number}").content.decode()

    assert f"/invoices/{billed.number}/links" not in seen
    row.refresh_from_db()
    assert row.withdrawn_at is None
    assert InvoiceLink.objects.count() == 1


def test_a_link_of_one_invoice_is_not_withdrawn_through_another(customer, invoice):
    draft_for(customer, 5000)
    issue_all()
    other = Invoice.objects.order_by("-pk").first()
    make_link(customer, invoice)
    row = InvoiceLink.objects.get()

    assert customer.browser.post(f"/invoices/{other.number}/links/{row.pk}").status_code == 404
    assert links.open_links(invoice, now=timezone.now()) == [row]


def test_a_few_are_open_at_a_time_and_another_takes_the_place_of_one_withdrawn(customer, invoice):
    made = [make_link(customer, invoice) for _time in range(links.MOST)]
    assert all(made)
    answer = customer.browser.post(
        f"/invoices/{invoice.number}/links/new", HTTP_ACCEPT_LANGUAGE="en"
    )
    assert "withdraw one of them first" in answer.content.decode()
    assert InvoiceLink.objects.count() == links.MOST

    customer.browser.post(f"/invoices/{invoice.number}/links/{InvoiceLink.objects.first().pk}")
    assert make_link(customer, invoice)


def test_no_more_than_twenty_are_made_a_day(customer, invoice):
    for _time in range(20):
        assert make_link(customer, invoice)
        InvoiceLink.objects.update(withdrawn_at=timezone.now())

    assert not make_link(customer, invoice)


@pytest.mark.parametrize("secret", ["x", "é" * 40, "0" * 500])
def test_a_link_that_nobody_made_says_so(visitor, secret):
    assert visitor.get(f"/invoices/shared/{secret}").status_code == 410
