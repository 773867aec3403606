"""One's invoices: the list, one invoice, its files."""

from collections.abc import Iterable, Iterator

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nichandle.commerce.invoices import queries
from nichandle.commerce.invoices.dues import paying
from nichandle.commerce.invoices.forms import InvoiceFilterForm
from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.sales import explaining
from nichandle.commerce.services import queries as services
from nichandle.commerce.services.models import Service
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.wording import languages
from nichandle.platform.ui.spreadsheets import csv_file

TYPES = {"pdf": "application/pdf", "xml": "application/xml"}


@require_safe
def invoices(request: CustomerRequest) -> HttpResponse:
    form, after = InvoiceFilterForm.of(request.GET), request.GET.get("after", "")
    wanted, kept = form.wanted(), form.query()
    found = queries.mine(request.account.id, wanted, after=after)
    shown = {
        "rows": found.rows,
        "wanted": wanted,
        "service": _service(request, wanted.service),
        "to_pay": queries.to_pay(request.account.id),
        "others": any(row.account_id != request.account.id for row in found.rows),
        "after": after,
        "first": urlencode(kept),
        "next": urlencode(kept | {"after": found.next}) if found.next else "",
    }
    return render(request, "invoices/list.html", {**shown, "form": form})


def _service(request: CustomerRequest, service_id: int | None) -> Service | None:
    """Return the service whose invoices are wanted, if the reader has a role on it."""
    found = services.seen(request.account.id, service_id) if service_id else None
    return found.service if found else None


@require_safe
def invoices_csv(request: CustomerRequest) -> StreamingHttpResponse:
    wanted = InvoiceFilterForm.of(request.GET).wanted()
    found = queries.mine(request.account.id, wanted, size=queries.MOST)
    return csv_file(f"{request.account.handle}-invoices.csv", _rows(found.rows))


def _rows(invoices: Iterable[Invoice]) -> Iterator[list[object]]:
    headings = (
        *(
            _("Number"),
            _("Date"),
            _("Kind"),
            _("Client identifier"),
            _("State"),
            _("To be paid by"),
        ),
        *(_("Currency"), _("Before VAT"), _("VAT"), _("With VAT")),
    )
    yield list(headings)
    for row in invoices:
        # A credit note says its amounts as positive ones; a column of them is added up.
        signed = (-each if row.corrects_id else each for each in (row.net, row.tax, row.gross))
        amounts = (explaining.plain(amount) for amount in signed)
        standing = row.standing
        yield [
            *(row.number, row.issued_on, row.kind_word, row.handle, standing.state_word),
            *(row.due_date, row.currency, *amounts),
        ]


@require_safe
def invoice(request: CustomerRequest, number: str) -> HttpResponse:
    found = seen(request, number)
    document = found.facts
    shown = {
        "invoice": found,
        "document": document,
        "lines": explaining.lines(document),
        "why": explaining.why_vat(document, languages.current()),
        "notes": queries.credit_notes(found),
        "changes": queries.changes(request.account.id, found),
        "pay": paying.number_of(found) if found.account_id == request.account.id else "",
        "own": found.account_id == request.account.id,
        "pdf": queries.content(found, "pdf").sha256,
    }
    return render(request, "invoices/invoice.html", shown)


@require_safe
def file(request: CustomerRequest, number: str, kind: str) -> HttpResponse:
    if kind not in TYPES:
        raise Http404
    return as_file(seen(request, number), kind)


def seen(request: CustomerRequest, number: str) -> Invoice:
    """:raises Http404: for what this customer may not see, as for what does not exist"""
    found = queries.seen(request.account.id, number)
    if found is None:
        raise Http404
    return found


def as_file(invoice: Invoice, kind: str) -> HttpResponse:
    """Answer with the bytes of a document as they were issued."""
    found = queries.content(invoice, kind)
    response = HttpResponse(bytes(found.content), content_type=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{invoice.number}.{kind}"'
    return response
