"""Credit notes: what is left of each line, and the document that takes it back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Sum

from nichandle.commerce.invoices import facts
from nichandle.commerce.invoices.drafting.splitting import with_lines
from nichandle.commerce.invoices.errors import InvoiceNotFound, MoreThanLeft, NothingLeft
from nichandle.commerce.invoices.models import Claim, Draft, Invoice, InvoiceLine, InvoiceStanding
from nichandle.commerce.invoices.sales.quoting import totals_of
from nichandle.commerce.invoices.words import CREDIT_NOTE, CREDITED, SERIES, WITHDRAWN
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording import languages

ONE = "C62"
"""Unit of UN/ECE recommendation 20 for one of something."""


class Taken(NamedTuple):
    """What a credit note takes of a line, in smallest units before tax, of the line's sign."""

    line: InvoiceLine
    net_minor: int


def left(invoice: Invoice) -> dict[int, int]:
    """Return what is left to credit of each line, by place, in smallest units before tax."""
    lines = InvoiceLine.objects.filter(invoice=invoice).annotate(claimed=Sum("claims__net_minor"))
    return {line.place: line.net_minor - (line.claimed or 0) for line in lines}


def wanted(
    invoice: Invoice, places: Collection[int] | None, amounts: Mapping[int, Money] | None
) -> list[Taken]:
    """
    Return what is to be taken of which lines; the invoice's standing is locked.

    :raises InvoiceNotFound: for a credit note
    :raises NothingLeft: when nothing is left of what was asked for
    :raises MoreThanLeft: when an amount is more than what is left
    """
    if invoice.kind == CREDIT_NOTE:
        raise InvoiceNotFound
    free, lines = (
        left(invoice),
        {line.place: line for line in InvoiceLine.objects.filter(invoice=invoice)},
    )
    if amounts is not None:
        asked = {place: amount.minor for place, amount in amounts.items()}
    else:
        asked = {place: free.get(place, 0) for place in (lines if places is None else places)}
    for place, minor in asked.items():
        rest = free.get(place, 0)
        if not min(rest, 0) <= minor <= max(rest, 0):
            shown = Money.of_minor(rest, invoice.currency).shown(languages.current())
            raise MoreThanLeft(line=place + 1, left=shown)
    found = [Taken(lines[place], minor) for place, minor in sorted(asked.items()) if minor]
    if not found:
        raise NothingLeft
    return found


def wanted_of_cause(invoice: Invoice, cause: str, places: Collection[int] | None) -> list[Taken]:
    """Return what is left of a cause's lines in an invoice; of all, or those of these places."""
    free = left(invoice)
    lines = InvoiceLine.objects.filter(invoice=invoice, cause=cause).order_by("place")
    return [
        Taken(line, free[line.place])
        for line in lines
        if (places is None or line.cause_place in places) and free[line.place]
    ]


def write(
    invoice: Invoice,
    taken: Sequence[Taken],
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
        Claim(draft=drafted, place=place, line=one.line, net_minor=one.net_minor)
        for place, one in enumerate(taken)
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
    invoice: Invoice, taken: Sequence[Taken], reason: Mapping[str, str], now: datetime
) -> facts.Document:
    original = invoice.facts
    lines = [
        _line(original.lines[one.line.place], Money.of_minor(one.net_minor, invoice.currency))
        for one in taken
    ]
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


def _line(line: facts.Line, net: Money) -> facts.Line:
    if net == line.net:
        return line
    # The sign stands on the quantity: a net price is never negative (EN 16931, BR-27).
    one = Decimal(1).copy_sign(net.amount)
    return replace(line, quantity=one, unit=ONE, unit_price=abs(net.amount), net=net)


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
