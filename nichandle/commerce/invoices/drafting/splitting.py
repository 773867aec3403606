"""Which document each line stands in: what must stand apart, and what may stand together."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from nichandle.commerce.invoices.facts import Document, Line
from nichandle.commerce.invoices.sales.quoting import OUTSIDE, totals_of
from nichandle.commerce.invoices.words import INVOICE


def parts_of(document: Document) -> list[tuple[Document, tuple[int, ...]]]:
    """
    Cut a document into those that may be issued, each with the places of its lines.

    Usually one, itself. What is outside VAT (category O) stands apart: BR-O-11 to BR-O-14.
    """
    outside = [line.vat.category == OUTSIDE for line in document.lines]
    if all(outside) or not any(outside):
        return [(document, tuple(range(len(document.lines))))]
    cut = []
    for wanted in (False, True):
        places = tuple(place for place, out in enumerate(outside) if out is wanted)
        cut.append((with_lines(document, [document.lines[place] for place in places]), places))
    return cut


def with_lines(document: Document, lines: Sequence[Line]) -> Document:
    """Return the document with these lines alone, its totals and what was paid for them."""
    totals = totals_of(lines, document.currency)
    paid = document.paid
    if paid is not None and totals.gross < paid.amount:
        paid = replace(paid, amount=totals.gross)
    return replace(document, lines=tuple(lines), totals=totals, paid=paid)


def together(document: Document, account_id: UUID) -> str:
    """
    Return the key of those drafts that become one invoice: all but their lines is the same.

    Empty for what stands alone: what is paid already, deposits, credit notes, and what a transfer
    of its own pays, since one creditor reference finds one debt.
    """
    if document.kind != INVOICE or document.paid or document.reference or document.conversion:
        return ""
    alike = document.as_json()
    for own in ("lines", "totals", "delivered_on", "cause"):
        alike.pop(own)
    alike |= {"account": str(account_id), "outside": _outside(document.lines)}
    return hashlib.sha256(json.dumps(alike, sort_keys=True).encode()).hexdigest()


def merged(documents: Sequence[Document]) -> Document:
    """Return one document with the lines of all, as ``together`` found them alike."""
    if len(documents) == 1:
        return documents[0]
    delivered = [day for each in documents if (day := each.delivered_on) is not None]
    whole = with_lines(documents[0], [line for each in documents for line in each.lines])
    return replace(whole, delivered_on=max(delivered) if delivered else None, cause="")


def _outside(lines: Iterable[Line]) -> bool:
    return any(line.vat.category == OUTSIDE for line in lines)
