"""What was issued is not written over either: the back door beside UPDATE and DELETE."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from nichandle.commerce.invoices.models import InvoiceContent, InvoiceLine, ServiceLink
from nichandle.commerce.invoices.tests.test_accounting_files import issued

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(customer):
    """A row of each frozen table."""
    invoice = issued(customer, 1, date(2026, 10, 1), 1000)
    return [
        invoice,
        InvoiceContent.objects.create(
            invoice=invoice, kind="xml", content=b"<a/>", size=4, sha256="0" * 64
        ),
        InvoiceLine.objects.create(
            invoice=invoice, place=0, cause="c", cause_place=0, net_minor=1000
        ),
        ServiceLink.objects.create(invoice=invoice, service_id=5),
    ]


@pytest.mark.parametrize("place", range(4), ids=["invoice", "content", "line", "service"])
def test_a_frozen_row_is_not_written_over(kept, place):
    row = kept[place]
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]

    with pytest.raises(IntegrityError, match="never changes"):
        type(row).objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[field.name for field in fields],
        )


REPLACE = {
    "sqlite": "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "postgresql": (
        "MERGE INTO {table} kept USING {table} other ON kept.id = other.id"
        " WHEN MATCHED THEN UPDATE SET id = other.id"
    ),
}
"""How each engine writes a whole row over another, past INSERT and UPDATE of one's own."""


@pytest.mark.parametrize("place", range(4), ids=["invoice", "content", "line", "service"])
def test_a_frozen_row_is_not_replaced(kept, place):
    """SQLite takes a row away for a REPLACE without asking a trigger, unless it is told to."""
    table = kept[place]._meta.db_table

    with (
        pytest.raises(IntegrityError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(REPLACE[connection.vendor].format(table=table))
