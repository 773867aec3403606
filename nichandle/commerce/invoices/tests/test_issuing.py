"""Issuing: numbers without a gap, days that never run backwards, rows that never change."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from nichandle.commerce.invoices import operations, queries, signals
from nichandle.commerce.invoices.documents import judging, rendering
from nichandle.commerce.invoices.documents.blind_spots import Broken
from nichandle.commerce.invoices.issuing import leases, waiting
from nichandle.commerce.invoices.models import Invoice, InvoiceContent, InvoiceLine, InvoiceStanding
from nichandle.commerce.invoices.tests.helpers import REASON, draft_for, euros, issue_all
from nichandle.platform.jobs.registry import never

pytestmark = pytest.mark.django_db


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen once, while the first document is rendered."""

    @contextmanager
    def happens(act):
        render, waits = rendering.render, [act]

        def first(*given, **named):
            if waits:
                waits.pop()()
            return render(*given, **named)

        with monkeypatch.context() as patched:
            patched.setattr(rendering, "render", first)
            yield

    return happens


def numbers():
    return list(Invoice.objects.order_by("pk").values_list("number", flat=True))


def test_numbers_follow_each_other_without_a_gap(customer, quick_files):
    for _each in range(3):
        draft_for(customer, paid=True)

    issue_all()

    year = timezone.now().year
    assert numbers() == [f"F{year}-00000{place}" for place in (1, 2, 3)]


def test_pdf_and_xml_are_kept_with_their_hashes(customer):
    draft_for(customer, 1000, 2000, paid=True)

    issue_all()

    invoice = Invoice.objects.get()
    pdf, xml = (bytes(InvoiceContent.objects.get(kind=kind).content) for kind in ("pdf", "xml"))
    assert pdf.startswith(b"%PDF")
    assert invoice.number.encode() in xml
    assert customer.handle.encode() in xml
    assert invoice.evidence["factur-x"]
    assert (invoice.net, invoice.tax, invoice.gross) == (euros(3000), euros(600), euros(3600))


def test_the_day_is_the_day_of_issue_where_the_seller_is(customer, quick_files):
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    draft_for(customer, paid=True, now=late - timedelta(days=3))

    issue_all(late)

    invoice = Invoice.objects.get()
    assert invoice.issued_on == date(2027, 1, 1)
    assert invoice.number == "F2027-000001"


def test_what_waited_over_midnight_is_issued_and_due_on_its_day(customer):
    """The French rules refuse a document that is due before it is issued (BR-FR-CO-07)."""
    drafted = timezone.now() - timedelta(days=2)
    draft_for(customer, paid=True, due=drafted.date(), now=drafted)

    issue_all()

    invoice = Invoice.objects.get()
    assert invoice.issued_on > drafted.date()
    assert (invoice.due_date, invoice.facts.due_date) == (invoice.issued_on, invoice.issued_on)


def test_no_day_runs_backwards(customer, quick_files):
    draft_for(customer, paid=True, now=datetime(2026, 12, 1, tzinfo=UTC))
    issue_all(datetime(2027, 1, 2, 12, tzinfo=UTC))
    late = draft_for(customer, paid=True, now=datetime(2026, 12, 1, tzinfo=UTC))

    issue_all(datetime(2027, 1, 1, 12, tzinfo=UTC))

    late.refresh_from_db()
    assert numbers() == ["F2027-000001"]
    assert "clock is behind" in late.trouble

    issue_all(datetime(2027, 1, 2, 13, tzinfo=UTC))
    assert numbers() == ["F2027-000001", "F2027-000002"]


def test_what_one_customer_owes_the_same_day_is_one_invoice(customer, quick_files):
    draft_for(customer, 1000, cause="renewal:1")
    draft_for(customer, 2000, cause="renewal:2")
    draft_for(customer, 4000, cause="renewal:3", due=date(2027, 1, 15))
    draft_for(customer, 8000, cause="order:C1", paid=True)

    issue_all()

    assert [invoice.net for invoice in Invoice.objects.order_by("net_minor")] == [
        euros(3000),
        euros(4000),
        euros(8000),
    ]
    (both,) = queries.of_cause("renewal:1")
    assert queries.of_cause("renewal:2") == [both]
    places = InvoiceLine.objects.filter(invoice=both).values_list("place", "cause", "cause_place")
    assert list(places) == [(0, "renewal:1", 0), (1, "renewal:2", 0)]


def test_an_invoice_of_two_causes_is_paid_when_both_are(customer, quick_files):
    draft_for(customer, 1000, cause="renewal:1")
    draft_for(customer, 2000, cause="renewal:2")
    issue_all()

    operations.mark_paid("renewal:1", now=timezone.now())
    assert InvoiceStanding.objects.get().state == "open"

    operations.mark_paid("renewal:2", now=timezone.now(), means="transfer")
    assert InvoiceStanding.objects.get().state == "paid"

    operations.mark_unpaid("renewal:1")
    assert InvoiceStanding.objects.get().state == "open"


def test_one_that_is_not_valid_is_held_with_its_reason_and_holds_up_nobody(
    customer, stranger, quick_files, monkeypatch
):
    def check(document, *, on):
        faulty = document.buyer.name == "Diane Mercier"
        return [Broken("BR-08", "the seller has no address")] if faulty else []

    monkeypatch.setattr(judging, "check", check)
    held = draft_for(customer, paid=True)
    draft_for(stranger, paid=True)

    issue_all()

    held.refresh_from_db()
    assert held.trouble == "BR-08: the seller has no address"
    assert Invoice.objects.get().account_id == stranger.account.pk
    assert [each.cause for each in queries.held()] == [held.cause]


def test_of_several_put_together_one_that_is_not_valid_holds_up_no_other(
    customer, quick_files, monkeypatch
):
    def check(document, *, on):
        faulty = euros(666) in [line.net for line in document.lines]
        return [Broken("BR-27", "no such price")] if faulty else []

    monkeypatch.setattr(judging, "check", check)
    draft_for(customer, 1000, cause="renewal:1")
    draft_for(customer, 666, cause="renewal:2")

    issue_all()

    assert Invoice.objects.get().net == euros(1000)
    assert [each.cause for each in queries.held()] == ["renewal:2"]


def test_a_line_that_is_withdrawn_while_it_is_rendered_is_not_issued(
    customer, quick_files, meanwhile
):
    draft_for(customer, 1000, 2000, cause="order:C1", paid=True)

    with meanwhile(
        lambda: operations.credit_cause("order:C1", reason=REASON, lines=[0], now=timezone.now())
    ):
        issue_all()

    invoice = Invoice.objects.get()
    assert [line.net for line in invoice.facts.lines] == [euros(2000)]
    assert invoice.net == euros(2000)


def test_what_is_rendered_over_midnight_is_dated_and_rendered_anew(
    customer, quick_files, meanwhile
):
    clock = [datetime(2027, 3, 9, 22, 59, tzinfo=UTC)]
    draft_for(customer, paid=True, now=clock[0])

    with meanwhile(lambda: clock.append(datetime(2027, 3, 9, 23, 1, tzinfo=UTC))):
        waiting.issue_waiting(lambda: clock[-1], never)

    invoice = Invoice.objects.get()
    assert invoice.issued_on == date(2027, 3, 10)
    assert b"2027-03-10" in bytes(queries.content(invoice, "pdf").content)


def test_a_receiver_that_fails_gives_the_number_back(customer, stranger, quick_files):
    draft_for(customer, paid=True, cause="order:bad")
    draft_for(stranger, paid=True, cause="order:good")

    def fail(sender, *, cause, **told):
        if cause == "order:bad":
            raise RuntimeError("no")

    signals.issued.connect(fail)
    try:
        issue_all()
    finally:
        signals.issued.disconnect(fail)

    assert [number[-6:] for number in numbers()] == ["000001"]
    assert Invoice.objects.get().account_id == stranger.account.pk


def test_while_another_process_issues_nobody_renders(customer, quick_files, now):
    draft_for(customer, paid=True)
    assert leases.take("F", "another", now=now)

    assert waiting.issue_waiting(lambda: now, never) == 0
    assert waiting.issue_waiting(lambda: now + leases.LEASE, never) == 1


@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("invoices_invoice", "gross_minor"),
        ("invoices_invoice", "document"),
        ("invoices_invoicecontent", "content"),
        ("invoices_invoiceline", "net_minor"),
        ("invoices_servicelink", "service_id"),
    ],
)
def test_the_database_refuses_to_change_what_was_issued(customer, quick_files, act, table, column):
    draft_for(customer, paid=True, service_ids=[1])
    issue_all()

    with (
        pytest.raises(DatabaseError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act.format(table, column, column))
