"""The page of a running pause: why, until when, and how to end it early."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.identity.accounts.forms import CodeForm
from nichandle.identity.factors.queries import has_factor
from nichandle.identity.pauses import operations, queries
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.identity.signin.sessions.middleware import enrolment_allowed
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.figures import Duration
from nichandle.platform.ui.pages import form_page, refuse


@enrolment_allowed
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: CustomerRequest) -> HttpResponse:
    form, now = CodeForm(request.POST if request.method == "POST" else None), timezone.now()
    if form.is_valid():
        try:
            operations.shorten(
                account_id=request.account.id,
                code=form.cleaned_data["code"],
                act=Act.of(request),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The pause has ended."))
            return redirect("area:pause")
    return form_page(request, "area/pause.html", _shown(request, now), form=form)


def _shown(request: CustomerRequest, now: datetime) -> dict[str, object]:
    pauses = queries.all_running(request.account.id, now=now)
    return {
        "pauses": pauses,
        "addresses": pauses and queries.addresses_that_shorten(pauses),
        "second_factor": pauses and has_factor(request.account.id),
    }


@enrolment_allowed
@require_POST
def send_code(request: CustomerRequest) -> HttpResponse:
    try:
        operations.ask_to_shorten(
            account_id=request.account.id,
            address=request.POST.get("address", ""),
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("The code is on its way. It is valid for %(time)s.")
        messages.success(request, said % {"time": Duration(operations.CODE_LIFETIME)})
    return redirect("area:pause")
