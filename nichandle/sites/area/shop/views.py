"""The shop: families, products, terms; open to everybody, signed in or not."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.catalogue.offers import Product, ProductNotOffered
from nichandle.commerce.invoices.vies import answers
from nichandle.commerce.orders import http
from nichandle.commerce.orders.basket.content import BasketFull
from nichandle.identity.signin.sessions.http import VisitorRequest
from nichandle.platform.kernel.wording import languages
from nichandle.platform.kernel.wording.zones import operators_day
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.area.shop.forms import ProductForm
from nichandle.sites.area.shop.prices import Shelf
from nichandle.sites.area.shop.readers import reader, seller


def _shelf(request: VisitorRequest) -> Shelf:
    account = request.account
    known = account.id if account and not account.opening else None
    buyer = reader(known)
    evidence = answers.evidence_of(buyer)
    return Shelf(catalogue.current(), buyer, seller(), operators_day(), evidence)


def _shown(request: VisitorRequest, shelf: Shelf, **more: object) -> dict[str, object]:
    count = len(http.basket_of(request).lines)
    return {"shelf": shelf, "in_basket": count, **more}


@login_not_required
@require_safe
def families(request: VisitorRequest) -> HttpResponse:
    shelf = _shelf(request)
    rows = [
        (family, products, shelf.cheapest(*products))
        for family in shelf.catalogue.families
        if (products := shelf.catalogue.of_family(family.code))
    ]
    return render(request, "shop/families.html", _shown(request, shelf, rows=rows))


@login_not_required
@require_safe
def family(request: VisitorRequest, family: str) -> HttpResponse:
    shelf = _shelf(request)
    found = shelf.catalogue.family(family)
    rows = [
        (product, price)
        for product in shelf.catalogue.of_family(family)
        if (price := shelf.cheapest(product))
    ]
    if found is None:
        raise Http404
    return render(request, "shop/family.html", _shown(request, shelf, family=found, rows=rows))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def product(request: VisitorRequest, product: str) -> HttpResponse:
    shelf = _shelf(request)
    found = _found(shelf, product)
    sent = request.POST if request.method == "POST" else None
    form = ProductForm(sent, product=found, shelf=shelf, language=languages.current())
    if form.is_valid() and (added := _add(request, form)):
        return added
    shown = _shown(request, shelf, product=found, family=shelf.catalogue.family(found.family))
    shown["terms"] = shelf.catalogue.terms_of((found,))
    shown["upgrades"], shown["downgrades"] = _others(shelf, found)
    return form_page(request, "shop/product.html", shown, form=form)


def _found(shelf: Shelf, code: str) -> Product:
    try:
        return shelf.catalogue.product(code)
    except ProductNotOffered as refusal:
        raise Http404 from refusal


def _add(request: VisitorRequest, form: ProductForm) -> HttpResponse | None:
    """Put a product into the basket and go there; None when there is no room."""
    try:
        basket = http.basket_of(request).with_line(form.wanted())
    except BasketFull as refusal:
        refuse(form, refusal)
        return None
    response = redirect("orders:basket")
    http.keep(response, basket)
    messages.success(request, _("It is in your basket."))
    return response


def _others(shelf: Shelf, product: Product) -> tuple[list[Product], list[Product]]:
    """Return the products that are offered and that one can go up to, and down to."""
    offered = {each.code: each for each in shelf.catalogue.products if each.offered}
    up = [offered[code] for code in product.upgrades if code in offered]
    return up, [offered[code] for code in product.downgrades if code in offered]


@login_not_required
@require_safe
def terms(request: VisitorRequest, terms: str) -> HttpResponse:
    found = next((each for each in catalogue.current().terms if each.code == terms), None)
    if found is None:
        raise Http404
    return render(request, "shop/terms.html", {"terms": found})
