"""One's orders, and the page of one order."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nichandle.commerce.invoices import queries as invoices
from nichandle.commerce.orders import queries
from nichandle.commerce.orders.forms import OrderFilterForm
from nichandle.commerce.orders.lifecycle import ending
from nichandle.commerce.orders.models import Order
from nichandle.commerce.orders.views.paying import address_of, page_of
from nichandle.commerce.orders.words import NOT_PAID
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.spreadsheets import csv_file


@require_safe
def orders(request: CustomerRequest) -> HttpResponse:
    form, after = OrderFilterForm.of(request.GET), request.GET.get("after", "")
    wanted, kept = form.wanted(), form.query()
    found = queries.mine(request.account.id, wanted, after=after)
    shown = {
        "form": form,
        "found": found,
        "after": after,
        "query": urlencode(kept),
        "next": urlencode(kept | {"after": found.next}) if found.next else "",
        "to_pay": any(order.state == NOT_PAID for order in found.rows),
    }
    return render(request, "orders/list.html", shown)


@require_safe
def as_file(request: CustomerRequest) -> StreamingHttpResponse:
    wanted = OrderFilterForm.of(request.GET).wanted()
    rows = _rows(queries.all_mine(request.account.id, wanted))
    return csv_file(f"{request.account.handle}-orders.csv", rows)


def _rows(found: Iterator[Order]) -> Iterator[list[object]]:
    headings = [_("Number"), _("Ordered"), _("State"), _("What")]
    yield [*headings, _("Before VAT"), _("Total"), _("Currency")]
    for order in found:
        names = ", ".join(line.name for line in order.lines.all())
        placed = order.placed_at.isoformat()
        sums = [order.net.amount, order.gross.amount, order.currency]
        yield [order.number, placed, order.state_word, names, *sums]


@require_safe
def order(request: CustomerRequest, number: str) -> HttpResponse:
    seen = queries.seen(request.account.id, number)
    if seen is None:
        raise Http404
    shown = {
        "seen": seen,
        "order": seen.order,
        "pay": page_of(seen.pay_number) if seen.pay_number else "",
        "may_withdraw": (
            not (seen.withdrawal and seen.withdrawal.contested_at is None)
            and queries.may_withdraw(seen.order, now=timezone.now())
        ),
        "invoices": invoices.of_cause(seen.order.cause),
    }
    return render(request, "orders/order.html", shown)


@require_POST
def cancel(request: CustomerRequest, number: str) -> HttpResponse:
    try:
        ending.cancel(account_id=request.account.id, number=number, act=Act.of(request))
    except ending.OrderNotFound as refusal:
        raise Http404 from refusal
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The order is cancelled."))
    return redirect("orders:order", number=number)


@require_POST
def pay(request: CustomerRequest) -> HttpResponse:
    chosen = queries.own_open(request.account.id, request.POST.getlist("order"))
    if not chosen:
        messages.error(request, _("Choose the orders you want to pay."))
        return redirect("orders:list")
    return redirect(address_of(*(order.cause for order in chosen)))
