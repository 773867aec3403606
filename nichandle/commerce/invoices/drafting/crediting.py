"""Credit notes: which lines are left to credit, and the document that takes them back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from nichandle.commerce.invoices import facts
from nichandle.commerce.invoices.drafting.splitting import with_lines
from nichandle.commerce.invoices.models import Claim, Draft, Invoice, InvoiceLine, InvoiceStanding
from nichandle.commerce.invoices.sales.quoting import totals_of
from nichandle.commerce.invoices.words import CREDIT_NOTE, CREDITED, SERIES, WITHDRAWN


def wanted(invoice: Invoice, cause: str, places: Collection[int] | None) -> list[InvoiceLine]:
    """
    Return which of a cause's lines an invoice has that no credit note has taken: all, or of places.

    The invoice's standing is locked. A line of nothing leaves nothing to take.
    """
    lines = InvoiceLine.objects.filter(invoice=invoice, cause=cause, claims=None)
    left = lines.exclude(net_minor=0).order_by("place")
    return [line for line in left if places is None or line.cause_place in places]


def write(
    invoice: Invoice,
    taken: Sequence[InvoiceLine],
    *,
    reason: Mapping[str, str],
    cause: str,
    now: datetime,
) -> Draft:
    """Draft the credit note of what is taken; the invoice's standing is locked."""
    document = _document(invoice, taken, reason, now)
    drafted = Draft.objects.create(
        cause=cause,
        series=SERIES[CREDIT_NOTE],
        account_id=invoice.account_id,
        handle=invoice.handle,
        document=document.as_json(),
        places=list(range(len(taken))),
        service_ids=list(invoice.services.values_list("service_id", flat=True)),
        corrects=invoice,
        try_at=now,
        created_at=now,
    )
    Claim.objects.bulk_create(
        Claim(draft=drafted, place=place, line=line, net_minor=line.net_minor)
        for place, line in enumerate(taken)
    )
    _note(invoice, document)
    return drafted


def without(document: facts.Document, kept: Sequence[int]) -> facts.Document:
    """Return a document with those of its lines alone."""
    return with_lines(document, [document.lines[place] for place in kept])


def _note(invoice: Invoice, document: facts.Document) -> None:
    standing = InvoiceStanding.objects.get(invoice=invoice)
    standing.credited_minor += document.totals.gross.minor
    if standing.credited_minor >= invoice.gross_minor:
        standing.state = CREDITED
    standing.save(update_fields=["credited_minor", "state"])


def _document(
    invoice: Invoice, taken: Sequence[InvoiceLine], reason: Mapping[str, str], now: datetime
) -> facts.Document:
    original = invoice.facts
    lines = [original.lines[line.place] for line in taken]
    return replace(
        original,
        kind=CREDIT_NOTE,
        lines=tuple(lines),
        totals=_no_more_than_left(invoice, totals_of(lines, invoice.currency)),
        due_date=now.date(),
        paid=None,
        corrects=(invoice.number, invoice.issued_on),
        reference="",
        cause=facts.said(reason, original.language),
        conversion=None,
    )


def _no_more_than_left(invoice: Invoice, totals: facts.Totals) -> facts.Totals:
    """
    Take no more VAT back than was charged: of several notes each is rounded, the sum once.

    The note that takes the rest of a rate's base takes the rest of its tax.
    """
    before = [
        row
        for draft in invoice.drafts.exclude(state=WITHDRAWN)
        for row in draft.facts.totals.vat_rows
    ]
    rows = []
    for row in totals.vat_rows:
        (charged,) = (
            each
            for each in invoice.facts.totals.vat_rows
            if (each.category, each.rate) == (row.category, row.rate)
        )
        same = [each for each in before if (each.category, each.rate) == (row.category, row.rate)]
        base = sum((each.base for each in same), charged.base - charged.base)
        tax = charged.tax - sum((each.tax for each in same), charged.tax - charged.tax)
        rest = base + row.base == charged.base
        rows.append(replace(row, tax=tax if rest or tax < row.tax else row.tax))
    tax = sum((row.tax for row in rows), totals.tax - totals.tax)
    return replace(totals, vat_rows=tuple(rows), tax=tax, gross=totals.net + tax)
