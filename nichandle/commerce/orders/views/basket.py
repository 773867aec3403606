"""The basket: what is in it, what it costs, what cannot be ordered as it is."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.invoices.errors import HolderIncomplete, SellerMissing
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.vat.asking import NumberElsewhere, PlaceNotClear
from nichandle.commerce.invoices.vies import answers
from nichandle.commerce.orders import http
from nichandle.commerce.orders.basket.buyers import buyer
from nichandle.commerce.orders.basket.pricing import Priced, priced
from nichandle.identity.signin.sessions.http import CustomerRequest, VisitorRequest
from nichandle.platform.kernel.wording.zones import operators_day

UNKNOWN_BUYER = (PlaceNotClear, NumberElsewhere, HolderIncomplete)
"""Why nobody can say what things cost this customer, until their details are mended."""


def price(request: VisitorRequest | CustomerRequest) -> Priced:
    """
    Return this browser's basket at today's prices for whoever is signed in.

    :raises PlaceNotClear, NumberElsewhere: when what is known about the customer contradicts itself
    :raises HolderIncomplete: when an invoice could not name them
    :raises SellerMissing: while nobody sells
    """
    account_id = _known(request)
    holder, seller = buyer(account_id), sellers.current()
    if account_id is not None:
        answers.want(account_id, holder, seller, now=timezone.now())
    return priced(
        http.basket_of(request),
        catalogue.current(),
        buyer=holder,
        seller=seller,
        on=operators_day(),
        evidence=answers.evidence_of(holder),
    )


def awaited(request: VisitorRequest | CustomerRequest) -> bool:
    """Tell whether VIES is being asked about the reader's VAT number: the price may change yet."""
    holder = buyer(_known(request))
    return answers.on_its_way(holder, answers.evidence_of(holder), on=operators_day())


def _known(request: VisitorRequest | CustomerRequest) -> UUID | None:
    """Return whose details are known: an account that has been opened."""
    account = request.account
    return account.id if account and not account.opening else None


@login_not_required
@never_cache
@require_safe
def basket(request: VisitorRequest) -> HttpResponse:
    try:
        shown = {"priced": price(request), "awaited": awaited(request)}
    except UNKNOWN_BUYER as refusal:
        return render(request, "orders/who_are_you.html", {"refusal": refusal})
    except SellerMissing:
        return closed(request)
    return render(request, "orders/basket.html", shown)


def closed(request: VisitorRequest | CustomerRequest) -> HttpResponse:
    """Lead back to the shop while the operator has not said who sells."""
    messages.error(request, _("Nothing can be ordered for now. Your basket is kept."))
    return redirect("area:shop")


@login_not_required
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    response = redirect("orders:basket")
    http.keep(response, http.basket_of(request).without(request.POST.get("line", "")))
    return response
