"""Links that open one document to whoever has them: made and withdrawn by its owner, followed."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from nichandle.commerce.invoices import queries
from nichandle.commerce.invoices.errors import InvoiceNotFound
from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.sharing import links as sharing
from nichandle.commerce.invoices.views.reading import TYPES, as_file
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest, VisitorRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused


@never_cache
@require_safe
def links(request: CustomerRequest, number: str) -> HttpResponse:
    return _page(request, _own(request, number))


@never_cache
@require_POST
@fresh_required
def make(request: CustomerRequest, number: str) -> HttpResponse:
    """
    Make a link and show its address, this once.

    After a fresh sign-in: a link outlives the session, also that of a thief.
    """
    invoice, address = _own(request, number), ""
    try:
        secret = sharing.share(request.account.id, number, act=Act.of(request))
        address = f"{settings.BASE_URL}{reverse('invoices:shared', args=[secret])}"
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _page(request, invoice, address)


@require_POST
def withdraw(request: CustomerRequest, number: str, link_id: int) -> HttpResponse:
    try:
        sharing.withdraw(request.account.id, number, link_id, act=Act.of(request))
    except InvoiceNotFound as refusal:
        raise Http404 from refusal
    messages.success(request, _("The link opens nothing any more."))
    return redirect("invoices:links", number=number)


@login_not_required
@never_cache
@require_safe
def shared(request: VisitorRequest, secret: str) -> HttpResponse:
    try:
        invoice = sharing.followed(secret, now=timezone.now())
    except sharing.LinkOver as refusal:
        over = {"refusal": refusal}
        return render(request, "ui/link_over.html", over, status=refusal.status)
    shown = {"invoice": invoice, "document": invoice.facts, "secret": secret}
    return _unlisted(render(request, "invoices/shared.html", shown))


@login_not_required
@never_cache
@require_safe
def shared_file(request: VisitorRequest, secret: str, kind: str) -> HttpResponse:
    if kind not in TYPES:
        raise Http404
    try:
        invoice = sharing.followed(secret, now=timezone.now())
    except sharing.LinkOver:
        return redirect("invoices:shared", secret=secret)
    return _unlisted(as_file(invoice, kind))


def _own(request: CustomerRequest, number: str) -> Invoice:
    found = queries.seen(request.account.id, number)
    if found is None or found.account_id != request.account.id:
        raise Http404
    return found


def _page(request: CustomerRequest, invoice: Invoice, address: str = "") -> HttpResponse:
    found = sharing.open_links(invoice, now=timezone.now())
    shown = {"invoice": invoice, "address": address, "open": found}
    return render(request, "invoices/links.html", shown)


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Keep an address that is a secret out of search engines that come upon it."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
