"""The documents of a period, read for accounting."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q, QuerySet

from nichandle.commerce.invoices.accounting.issued import Issued
from nichandle.commerce.invoices.models import Invoice

_AT_ONCE = 500


def booked(since: date, until: date) -> Iterator[Issued]:
    """Yield what was issued from ``since`` to ``until``, both included, in the order of issue."""
    yield from _read(Invoice.objects.filter(issued_on__range=(since, until)))


def declarable(since: date, until: date) -> Iterator[Issued]:
    """Yield what may fall due in the period: issued in it, or paid in it."""
    period = (since, until)
    within = (
        Q(issued_on__range=period)
        | Q(standing__paid_on__range=period)
        | Q(corrects__standing__paid_on__range=period)
    )
    yield from _read(Invoice.objects.filter(within))


def _read(found: QuerySet[Invoice]) -> Iterator[Issued]:
    joined = found.select_related("standing", "corrects__standing")
    # Dates never run backwards in a series, so this is the order of its numbers too.
    ordered = joined.order_by("issued_on", "series", "year", "sequence")
    for invoice in ordered.iterator(chunk_size=_AT_ONCE):
        source = invoice.corrects or invoice
        yield Issued(invoice.number, invoice.issued_on, invoice.facts, source.standing.paid_on)
