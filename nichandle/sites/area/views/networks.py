"""The overview of one's security, and the pages of network rules and notices."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.recognition import networks as operations
from nichandle.identity.signin.recognition import notices
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.area.forms import NetworkRuleForm
from nichandle.sites.area.security import security_of


@require_safe
def overview(request: CustomerRequest) -> HttpResponse:
    shown = security_of(request.account.id, now=timezone.now())
    return render(request, "area/security.html", {"security": shown})


@require_POST
def notice(request: CustomerRequest) -> HttpResponse:
    notices.choose(
        account_id=request.account.id,
        always=request.POST.get("always") == "yes",
        act=Act.of(request),
    )
    messages.success(request, _("Your choice is saved."))
    return redirect("area:security")


@require_http_methods(["GET", "HEAD", "POST"])
def networks(request: CustomerRequest) -> HttpResponse:
    if request.method == "POST":
        return _add(request)
    return _page(request, NetworkRuleForm())


@fresh_required
def _add(request: CustomerRequest) -> HttpResponse:
    form = NetworkRuleForm(request.POST)
    if form.is_valid():
        try:
            operations.add_rule(
                account_id=request.account.id,
                **form.rule(),
                act=Act.of(request),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The rule is added."))
            return redirect("area:networks")
    return _page(request, form)


def _page(request: CustomerRequest, form: NetworkRuleForm) -> HttpResponse:
    policy, rules = operations.rules_of(request.account.id)
    shown = {
        "policy": policy,
        "rules": rules,
        "present": Origin.of(request).ip,
        "now": timezone.now(),
    }
    return form_page(request, "area/networks.html", shown, form=form)


@require_POST
@fresh_required
def remove(request: CustomerRequest, which: int) -> HttpResponse:
    try:
        operations.remove_rule(
            account_id=request.account.id,
            rule_id=which,
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The rule is removed."))
    return redirect("area:networks")


@require_POST
@fresh_required
def default(request: CustomerRequest) -> HttpResponse:
    try:
        operations.set_default(
            account_id=request.account.id,
            allow_others=request.POST.get("others") != "deny",
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your choice is saved."))
    return redirect("area:networks")
