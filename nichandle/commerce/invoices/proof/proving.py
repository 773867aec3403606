"""Proving what was issued: numbers, days, hashes and bytes, read anew from the database."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise

from nichandle.commerce.invoices.issuing.numbering import DIGITS
from nichandle.commerce.invoices.models import Invoice, InvoiceContent, Series

KINDS = frozenset({"pdf", "xml"})


def faults() -> Iterator[str]:
    """
    Say everything that is not as it was issued, a sentence each; nothing when all is well.

    That every number from 1 to the counter's is there once, that days run forwards, that amounts
    are those of the frozen document, and that each document has its PDF and its XML, whose bytes
    have the hash noted for them and bear its number.
    """
    for counter in Series.objects.order_by("name", "year"):
        yield from _of_series(counter)
    known = {(counter.name, counter.year) for counter in Series.objects.all()}
    for name, year in Invoice.objects.values_list("series", "year").distinct().order_by():
        if (name, year) not in known:
            yield f"{name}{year}: there are documents, but no counter."
    for content in InvoiceContent.objects.select_related("invoice").order_by("pk").iterator(50):
        yield from _of_content(content)


def count() -> int:
    """Return how many documents there are."""
    return Invoice.objects.count()


def _of_series(counter: Series) -> Iterator[str]:
    rows = Invoice.objects.filter(series=counter.name, year=counter.year).order_by("sequence")
    said = f"{counter.name}{counter.year}"
    found = list(rows.values_list("sequence", "issued_on", "number"))
    missing = set(range(1, counter.last + 1)) - {sequence for sequence, _day, _number in found}
    for sequence in sorted(missing)[:20]:
        yield f"{said}-{sequence:0{DIGITS}}: is missing; the counter stands at {counter.last}."
    for sequence, _day, number in found:
        if sequence > counter.last or number != f"{said}-{sequence:0{DIGITS}}":
            yield f"{number}: is not a number that the counter of {said} has given."
    for (_one, before, _number), (_two, after, number) in pairwise(found):
        if after < before:
            yield f"{number}: is dated {after}, before the number before it ({before})."
    for invoice in rows.prefetch_related("contents").iterator(200):
        yield from _of_invoice(invoice)


def _of_invoice(invoice: Invoice) -> Iterator[str]:
    totals = invoice.facts.totals
    if (totals.net, totals.tax, totals.gross) != (invoice.net, invoice.tax, invoice.gross):
        yield f"{invoice.number}: its amounts are not those of the document it was made from."
    there = {content.kind for content in invoice.contents.defer("content")}
    for kind in sorted(KINDS - there):
        yield f"{invoice.number}: its {kind.upper()} is missing."


def _of_content(content: InvoiceContent) -> Iterator[str]:
    number, kind, held = content.invoice.number, content.kind.upper(), bytes(content.content)
    if sha256(held).hexdigest() != content.sha256 or len(held) != content.size:
        yield f"{number}: the bytes of its {kind} are not those that were issued."
    elif content.kind == "xml" and number.encode() not in held:
        yield f"{number}: its {kind} does not bear its number."
