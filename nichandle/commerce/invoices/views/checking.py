"""The public page that tells whether an invoice is ours."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nichandle.commerce.invoices.forms import CheckForm
from nichandle.commerce.invoices.proof import authenticity
from nichandle.identity.signin.sessions.http import VisitorRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page, refuse


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: VisitorRequest) -> HttpResponse:
    form = CheckForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            ours = authenticity.genuine(**given, act=Act.of(request))
        except Refused as refusal:
            refuse(form, refusal)
        else:
            shown = {"form": CheckForm(initial=given), "given": given, "ours": ours, "asked": True}
            return render(request, "invoices/check.html", shown)
    return form_page(request, "invoices/check.html", {}, form=form)
