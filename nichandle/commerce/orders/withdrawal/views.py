"""« Renoncer au contrat ici », « confirmer la rétractation »: signed in or not, in two steps."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from nichandle.commerce.orders import queries
from nichandle.commerce.orders.withdrawal import declaring
from nichandle.commerce.orders.withdrawal.declaring import Declaration
from nichandle.commerce.orders.withdrawal.forms import DeclarationForm
from nichandle.identity.signin.sessions.http import CustomerRequest, VisitorRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.meaning import MeaningForm
from nichandle.platform.ui.pages import form_page, refuse

FORM_METHODS = ["GET", "HEAD", "POST"]
CONTEST = "contest"


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def start(request: VisitorRequest) -> HttpResponse:
    """Show one's own orders where somebody is signed in, and the declaration to everybody."""
    account = request.account
    mine = queries.withdrawable(account.id, now=timezone.now()) if account else []
    given = request.GET.get("number", "")[:20]
    form = DeclarationForm(_sent(request), signed_in=False, initial={"number": given})
    if form.is_valid():
        return render(request, "orders/withdraw_confirm.html", {"form": form})
    return form_page(request, "orders/withdraw.html", {"mine": mine}, form=form)


@login_not_required
@never_cache
@require_POST
def confirm(request: VisitorRequest) -> HttpResponse:
    form = DeclarationForm(request.POST, signed_in=False)
    if "change" in request.POST or not form.is_valid():
        return form_page(request, "orders/withdraw.html", {"mine": []}, form=form)
    given = form.cleaned_data
    try:
        declaring.withdraw_by_address(
            number=given["number"],
            address=given["address"],
            declaration=Declaration(given["name"], given["words"]),
            act=Act.of(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return form_page(request, "orders/withdraw.html", {"mine": []}, form=form)
    return render(request, "orders/withdrawn.html", {"given": given, "at": timezone.now()})


@never_cache
@require_http_methods(FORM_METHODS)
def own(request: CustomerRequest, number: str) -> HttpResponse:
    seen = queries.seen(request.account.id, number)
    if seen is None:
        raise Http404
    named = {"name": seen.order.holder.get("name", "")}
    form = DeclarationForm(_sent(request), signed_in=True, initial=named)
    if form.is_valid() and "confirm" in request.POST:
        _withdraw(request, number, form)
        return redirect("orders:order", number=number)
    shown = {
        "order": seen.order,
        "covered": _covered(seen),
        "declared": form.is_bound and form.is_valid(),
    }
    return form_page(request, "orders/withdraw_own.html", shown, form=form)


def _withdraw(request: CustomerRequest, number: str, form: DeclarationForm) -> None:
    given = form.cleaned_data
    try:
        declaring.withdraw(
            account_id=request.account.id,
            number=number,
            declaration=Declaration(given["name"], given["words"]),
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("You have withdrawn. A mail acknowledges it."))


def _covered(seen: queries.SeenOrder) -> list[str]:
    return [line.title for line in seen.lines if line.withdrawable]


@login_not_required
@never_cache
@require_http_methods(FORM_METHODS)
def contest(request: VisitorRequest, secret: str) -> HttpResponse:
    if why := declaring.why_not(secret):
        return _over(request, declaring.ContestNotValid(why))
    form = MeaningForm(
        request.POST if request.method == "POST" else None,
        harmless=_("I have withdrawn from this order: change nothing"),
        **{CONTEST: _("It was not me: the order goes on")},
    )
    if not form.is_valid():
        return form_page(request, "orders/contest.html", {}, form=form)
    if form.act != CONTEST:
        return render(request, "orders/contested.html", {"contested": False})
    try:
        declaring.contest(secret, act=Act.of(request))
    except declaring.ContestNotValid as refusal:
        return _over(request, refusal)
    return render(request, "orders/contested.html", {"contested": True})


def _over(request: VisitorRequest, refusal: Refused) -> HttpResponse:
    return render(request, "ui/link_over.html", {"refusal": refusal}, status=refusal.status)


def _sent(request: VisitorRequest | CustomerRequest) -> object:
    return request.POST if request.method == "POST" else None
