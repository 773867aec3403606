"""What is read of issued documents."""

from nichandle.commerce.invoices.models import Draft, Invoice


def of_cause(cause: str) -> list[Invoice]:
    """Return the documents issued for a cause and the credit notes of them, oldest first."""
    made = Draft.objects.filter(cause=cause, invoice__isnull=False).values("invoice_id")
    found = Invoice.objects.filter(pk__in=made) | Invoice.objects.filter(
        invoice_lines__cause=cause, kind="credit_note"
    )
    return list(found.select_related("standing").distinct().order_by("pk"))
