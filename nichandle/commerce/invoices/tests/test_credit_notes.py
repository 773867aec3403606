"""Credit notes: never more than what is left of a line, and linked both ways."""

import pytest
from django.utils import timezone

from nichandle.commerce.invoices import operations, queries
from nichandle.commerce.invoices.documents import judging
from nichandle.commerce.invoices.models import Draft, Invoice, InvoiceLine
from nichandle.commerce.invoices.tests.helpers import REASON, draft_for, euros, issue_all

pytestmark = pytest.mark.django_db


CAUSE = "order:C1"


def issued(person, *prices, cause=CAUSE, **given):
    draft_for(person, *prices, cause=cause, paid=True, **given)
    issue_all()
    return Invoice.objects.order_by("-pk").first()


def credit(**given):
    (made,) = operations.credit_cause(CAUSE, reason=REASON, now=timezone.now(), **given)
    issue_all()
    made.refresh_from_db()
    return made.invoice


def test_a_whole_invoice_is_credited_in_a_series_of_its_own(customer, quick_files):
    invoice = issued(customer, 1000, 2000)

    note = credit()

    assert note.number == f"A{note.year}-000001"
    assert note.gross == invoice.gross == euros(3600)
    assert note.corrects == invoice
    assert note.facts.corrects == (invoice.number, invoice.issued_on)
    assert note.facts.cause == "Rétractation."
    assert queries.credit_notes(invoice) == [note]
    invoice.standing.refresh_from_db()
    assert invoice.standing.state == "credited"
    assert note.standing.state == "credit"


def test_a_credit_note_passes_the_official_rules(customer):
    issued(customer, 333, 333, 333)

    notes = [credit(lines=[place]) for place in range(3)]

    assert [judging.check(note.facts, on=note.issued_on) for note in notes] == [[], [], []]


def test_what_is_left_of_an_invoice_is_credited_once(customer, quick_files):
    invoice = issued(customer, 1000, 2000)
    credit(lines=[0])

    note = credit()

    assert [line.net for line in note.facts.lines] == [euros(2000)]
    assert operations.credit_cause(CAUSE, reason=REASON, now=timezone.now()) == []
    assert Draft.objects.filter(corrects=invoice).count() == 2


def test_a_line_of_nothing_is_not_credited(customer, quick_files):
    issued(customer, 1000, 0)

    assert [line.net for line in credit().facts.lines] == [euros(1000)]


def test_the_vat_of_many_notes_is_the_vat_of_the_invoice_to_the_cent(customer, quick_files):
    invoice = issued(customer, 33, 33, 33)
    assert invoice.tax == euros(20)

    notes = [credit(lines=[place]) for place in range(3)]

    assert [note.tax for note in notes] == [euros(7), euros(7), euros(6)]
    invoice.standing.refresh_from_db()
    assert invoice.standing.credited_minor == invoice.gross_minor
    assert invoice.standing.state == "credited"


def test_the_note_that_takes_the_rest_takes_the_rest_of_the_vat(customer, quick_files):
    """Each of three lines bears 0.4 cents, all together one cent: none, none, and that one."""
    invoice = issued(customer, 2, 2, 2)
    assert invoice.tax == euros(1)

    notes = [credit(lines=[place]) for place in range(3)]

    assert [note.tax for note in notes] == [euros(0), euros(0), euros(1)]


def test_lines_of_a_cause_are_credited_by_their_place_in_what_was_quoted(customer, quick_files):
    draft_for(customer, 100, cause="renewal:1")
    draft_for(customer, 1000, 2000, cause="order:C1")
    issue_all()

    (made,) = operations.credit_cause("order:C1", reason=REASON, lines=[1], now=timezone.now())
    assert operations.credit_cause("order:C1", reason=REASON, lines=[1], now=timezone.now()) == []
    issue_all()

    made.refresh_from_db()
    assert [line.net for line in made.facts.lines] == [euros(2000)]
    line = InvoiceLine.objects.get(invoice=made.invoice)
    assert (line.cause, line.cause_place, line.credits.place) == ("order:C1", 1, 2)
    (rest,) = operations.credit_cause("order:C1", reason=REASON, now=timezone.now())
    assert [line.net for line in rest.facts.lines] == [euros(1000)]
    assert len(queries.of_cause("order:C1")) == 2


def test_a_cause_that_was_never_invoiced_has_nothing_to_credit(customer):
    assert operations.credit_cause("order:C9", reason=REASON, now=timezone.now()) == []
