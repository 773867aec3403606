"""The last page before an order binds: who orders, what, at which price, on which terms."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nichandle.commerce.invoices.errors import SellerMissing
from nichandle.commerce.invoices.facts import Party
from nichandle.commerce.orders import http
from nichandle.commerce.orders.basket.buyers import Questions, buyer
from nichandle.commerce.orders.basket.content import EMPTY
from nichandle.commerce.orders.basket.pricing import Priced
from nichandle.commerce.orders.forms import OrderForm
from nichandle.commerce.orders.lifecycle.placing import Confirmation, PriceMoved, place
from nichandle.commerce.orders.models import Order
from nichandle.commerce.orders.views.basket import UNKNOWN_BUYER, awaited, closed, price
from nichandle.commerce.orders.views.paying import address_of
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: CustomerRequest) -> HttpResponse:
    try:
        priced = price(request)
    except UNKNOWN_BUYER as refusal:
        return render(request, "orders/who_are_you.html", {"refusal": refusal})
    except SellerMissing:
        return closed(request)
    sent = request.POST if request.method == "POST" else None
    if priced.problems or (sent is None and not priced.offers):
        return redirect("orders:basket")
    holder = buyer(request.account.id)
    form = _form(priced, holder, sent)
    if form.is_valid() and (order := _place(request, form, priced)):
        response = redirect(_onward(order))
        http.keep(response, EMPTY)
        return response
    shown = {"priced": priced, "holder": holder, "awaited": awaited(request)}
    return form_page(request, "orders/checkout.html", shown, form=form)


def _form(priced: Priced, holder: Party, sent: QueryDict | None) -> OrderForm:
    asked = Questions.of(holder.kind, [offer.product for offer in priced.offers], priced.terms)
    return OrderForm(sent, seen=priced.seen, asked=asked)


def _place(request: CustomerRequest, form: OrderForm, priced: Priced) -> Order | None:
    account_id = request.account.id
    confirmation = Confirmation.of(form.cleaned_data)
    try:
        return place(
            account_id=account_id,
            holder=buyer(account_id),
            priced=priced,
            confirmation=confirmation,
            act=Act.of(request),
        )
    except Refused as refusal:
        if isinstance(refusal, PriceMoved):
            form.show_again(priced.seen)
        refuse(form, refusal)
        return None


def _onward(order: Order) -> str:
    """Return where the customer goes on: to the payment, or to an order that costs nothing."""
    if order.gross_minor:
        return address_of(order.cause)
    return resolve_url("orders:order", number=order.number)
