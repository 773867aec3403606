"""`nichandle invoice verify`: green when all is as issued, red after one byte."""

from datetime import timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from nichandle.commerce.invoices.models import Invoice, InvoiceContent, Series
from nichandle.commerce.invoices.proof import proving
from nichandle.commerce.invoices.tests.helpers import draft_for, issue_all

pytestmark = pytest.mark.django_db


def verify():
    out = StringIO()
    call_command("invoice", "verify", stdout=out)
    return out.getvalue()


@pytest.fixture
def issued(customer, quick_files):
    for _each in range(3):
        draft_for(customer, paid=True)
    issue_all()
    return list(Invoice.objects.order_by("sequence"))


@pytest.fixture
def unguarded():
    """Take the guards away, as only whoever owns the database can."""
    with connection.cursor() as cursor:
        for table in ("invoice", "invoicecontent", "invoiceline", "servicelink"):
            for name in ("unchanged", "kept"):
                on = f" ON invoices_{table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER invoices_{table}_{name}{on}")


def test_all_that_was_issued_is_proven(issued):
    assert verify().startswith("3 documents: every number")


@pytest.mark.parametrize("kind", ["pdf", "xml"])
def test_one_changed_byte_is_found(issued, unguarded, kind):
    held = InvoiceContent.objects.get(invoice=issued[1], kind=kind)
    content = bytes(held.content)
    InvoiceContent.objects.filter(pk=held.pk).update(content=bytes([content[0] ^ 1]) + content[1:])

    with pytest.raises(CommandError, match="1 faults"):
        verify()


def test_a_number_that_is_missing_is_found(issued, unguarded):
    with connection.cursor() as cursor:
        for table in ("draft", "invoicestanding", "invoicecontent", "invoiceline"):
            cursor.execute(
                f"DELETE FROM invoices_{table} WHERE invoice_id = %s",  # noqa: S608 - ours
                [issued[1].pk],
            )
        cursor.execute("DELETE FROM invoices_invoice WHERE id = %s", [issued[1].pk])

    with pytest.raises(CommandError, match="1 faults"):
        verify()


def test_days_that_run_backwards_are_found(issued, unguarded):
    earlier = issued[0].issued_on - timedelta(days=1)
    Invoice.objects.filter(pk=issued[2].pk).update(issued_on=earlier)

    (fault,) = proving.faults()

    assert fault == (
        f"{issued[2].number}: is dated {earlier}, before the number before it "
        f"({issued[1].issued_on})."
    )


def test_a_number_that_the_counter_has_not_given_is_found(issued, unguarded):
    Invoice.objects.filter(pk=issued[2].pk).update(number="F1999-000003")

    assert "F1999-000003: is not a number that the counter" in " ".join(proving.faults())


@pytest.mark.parametrize("kind", ["pdf", "xml"])
def test_a_file_that_is_missing_is_found(issued, unguarded, kind):
    InvoiceContent.objects.get(invoice=issued[1], kind=kind).delete()

    assert list(proving.faults()) == [f"{issued[1].number}: its {kind.upper()} is missing."]


def test_an_xml_of_another_number_is_found(issued, unguarded):
    other = bytes(InvoiceContent.objects.get(invoice=issued[0], kind="xml").content)
    digest, changed = sha256(other).hexdigest(), InvoiceContent.objects.filter(kind="xml")
    changed.filter(invoice=issued[1]).update(content=other, sha256=digest, size=len(other))

    assert list(proving.faults()) == [f"{issued[1].number}: its XML does not bear its number."]


def test_documents_without_their_counter_are_found(issued, unguarded):
    Series.objects.all().delete()

    year = issued[0].year
    assert list(proving.faults()) == [f"F{year}: there are documents, but no counter."]


def test_an_amount_that_was_changed_and_a_counter_set_back_are_found(issued, unguarded):
    Invoice.objects.filter(pk=issued[0].pk).update(gross_minor=1300, net_minor=1100)
    Series.objects.update(last=2)

    with pytest.raises(CommandError, match="2 faults"):
        verify()
