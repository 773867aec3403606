"""All of one's documents of a year, as ZIP files."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nichandle.commerce.invoices.archives import asking
from nichandle.commerce.invoices.errors import InvoiceNotFound
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused

LATEST = 9999
"""The last year there is for dates; larger numbers fit into no column of either engine."""


@require_safe
def years(request: CustomerRequest) -> HttpResponse:
    found = asking.years(request.account.id, now=timezone.now())
    shown = {"years": found, "handle": request.account.handle}
    return render(request, "invoices/years.html", shown)


@require_POST
def ask(request: CustomerRequest, year: int) -> HttpResponse:
    try:
        asking.ask(request.account.id, min(year, LATEST), act=Act.of(request))
    except InvoiceNotFound as refusal:
        raise Http404 from refusal
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("We are putting them together. Come back in a moment."))
    return redirect("invoices:years")


@require_safe
def file(request: CustomerRequest, year: int, place: int) -> HttpResponse:
    found = None
    if max(year, place) <= LATEST:
        found = asking.file(request.account.id, year, place, now=timezone.now())
    if found is None:
        raise Http404
    name = f"{request.account.handle}-{found.name}"
    response = HttpResponse(bytes(found.content), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
