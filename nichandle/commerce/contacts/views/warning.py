"""Telling customer service that something about a contact seems wrong."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nichandle.commerce.contacts.disputes import warnings
from nichandle.commerce.contacts.forms import WarningForm
from nichandle.commerce.services.models import Role
from nichandle.commerce.services.queries import seen
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse


@require_http_methods(["GET", "HEAD", "POST"])
def warn(request: CustomerRequest, service_id: int) -> HttpResponse:
    found = seen(request.account.id, service_id)
    people = warnings.others(found, request.account.id) if found else []
    if found is None or not people:
        raise Http404
    form = WarningForm(_named(people), request.POST if request.method == "POST" else None)
    if form.is_valid() and _warn(request, service_id, form):
        return redirect("services:service", service_id=service_id)
    return form_page(request, "contacts/warn.html", {"service": found.service}, form=form)


def _named(people: list[Role]) -> list[tuple[str, str]]:
    """Return each by identifier, with what one sees of them on the service's page."""
    handles = [(row.account.handle_text, row.holder) for row in people]
    return [(handle, f"{handle} · {holder}" if holder else handle) for handle, holder in handles]


def _warn(request: CustomerRequest, service_id: int, form: WarningForm) -> bool:
    try:
        warnings.warn(
            account_id=request.account.id,
            service_id=service_id,
            **form.cleaned_data,
            act=Act.of(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return False
    said = _(
        "Thank you. If somebody is asking for access to this account, our reviewers will read it."
    )
    messages.success(request, said)
    return True
