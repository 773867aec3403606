"""The plan of a service: what it can become, with the figures before one says yes."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.invoices.errors import SellerMissing
from nichandle.commerce.invoices.facts import Party
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.vies import answers
from nichandle.commerce.orders.basket.buyers import Questions, buyer
from nichandle.commerce.orders.lifecycle.placing import Confirmation, PriceMoved
from nichandle.commerce.orders.plans import changing
from nichandle.commerce.orders.plans.forms import UpgradeForm
from nichandle.commerce.orders.plans.offering import plans_of
from nichandle.commerce.orders.views.basket import UNKNOWN_BUYER
from nichandle.commerce.orders.views.paying import address_of
from nichandle.commerce.orders.words import NOT_PAID
from nichandle.commerce.services import queries as services
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.permissions import allows
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.zones import operators_day
from nichandle.platform.ui.pages import form_page, refuse


@never_cache
@require_safe
def plans(request: CustomerRequest, service_id: int) -> HttpResponse:
    service = _mine(request, service_id)
    found = plans_of(service, catalogue.current(), on=operators_day())
    waiting = changing.under_way(service)
    shown = {
        "service": service,
        "plans": found,
        "waiting": waiting,
        # Who may change the plan need not be whose order it is.
        "mine": waiting is not None and waiting.account_id == request.account.id,
        "unpaid": waiting is not None and waiting.state == NOT_PAID,
    }
    return render(request, "orders/plans.html", shown)


def _mine(request: CustomerRequest, service_id: int) -> Service:
    """Return a service of which one may change the plan; a 404 for all others."""
    seen = services.seen(request.account.id, service_id)
    if seen is None or not allows(seen.mine, "plan.change"):
        raise Http404
    return seen.service


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upgrade(request: CustomerRequest, service_id: int, plan: str) -> HttpResponse:
    service = _mine(request, service_id)
    try:
        holder = buyer(request.account.id)
        change = _priced(request, service, plan, holder)
    except (changing.PlanNotOffered, *UNKNOWN_BUYER, SellerMissing) as refusal:
        messages.error(request, str(refusal))
        return redirect("orders:plans", service_id=service_id)
    sent = request.POST if request.method == "POST" else None
    asked = Questions.of(holder.kind, [change.larger.product], change.terms)
    form = UpgradeForm(sent, seen=change.seen, asked=asked)
    if form.is_valid() and (address := _order(request, change, form)):
        return redirect(address)
    shown = {"service": service, "change": change}
    return form_page(request, "orders/upgrade.html", shown, form=form)


def _priced(
    request: CustomerRequest, service: Service, plan: str, holder: Party
) -> changing.Upgrade:
    seller = sellers.current()
    answers.want(request.account.id, holder, seller, now=timezone.now())
    return changing.upgrade_of(
        service,
        plan,
        catalogue.current(),
        buyer=holder,
        seller=seller,
        on=operators_day(),
        evidence=answers.evidence_of(holder),
    )


def _order(request: CustomerRequest, change: changing.Upgrade, form: UpgradeForm) -> str:
    account_id = request.account.id
    confirmation = Confirmation.of(form.cleaned_data)
    try:
        order = changing.upgrade(
            change,
            account_id=account_id,
            holder=buyer(account_id),
            form=confirmation,
            act=Act.of(request),
        )
    except Refused as refusal:
        if isinstance(refusal, PriceMoved):
            form.show_again(change.seen)
        refuse(form, refusal)
        return ""
    return address_of(order.cause)


@require_POST
def downgrade(request: CustomerRequest, service_id: int) -> HttpResponse:
    _mine(request, service_id)
    try:
        changing.downgrade(
            service_id=service_id,
            account_id=request.account.id,
            plan=request.POST.get("plan", ""),
            catalogue=catalogue.current(),
            on=operators_day(),
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The plan from the next renewal on is as you wish."))
    return redirect("orders:plans", service_id=service_id)
