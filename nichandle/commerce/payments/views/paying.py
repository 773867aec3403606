"""Choosing the means, the page of a transfer, and what became of a payment."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nichandle.commerce.payments import payee, paying, queries, references
from nichandle.commerce.payments.forms import PayForm
from nichandle.commerce.payments.models import PaymentTry, Receivable
from nichandle.commerce.payments.providers import registry
from nichandle.commerce.payments.saved import charging, keeping
from nichandle.commerce.payments.words import CANCELLED, DECLINED, PENDING
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording import languages
from nichandle.platform.ui.pages import form_page, refuse

SAVED = "saved-"
"""What a choice begins with that is a saved means; its row follows."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: CustomerRequest, number: str) -> HttpResponse:
    owed = _mine(request, number)
    others = queries.open_beside(owed) if paying.payable(owed) else []
    form = _form(request, others)
    if paying.payable(owed) and form.is_valid():
        numbers = [owed.number, *form.cleaned_data.get("also", ())]
        try:
            return redirect(_begin(request, numbers, form.cleaned_data["means"]))
        except Refused as refusal:
            refuse(form, refusal)
    shown = {"owed": owed, "movements": queries.movements(owed), **_standing(owed)}
    return form_page(request, "payments/pay.html", shown, form=form)


def _begin(request: CustomerRequest, numbers: list[str], means: str) -> str:
    account_id, act = request.account.id, Act.of(request)
    if means.startswith(SAVED):
        saved_id = int(means.removeprefix(SAVED))
        return charging.pay(account_id, numbers, saved_id=saved_id, act=act)
    return paying.begin(account_id, numbers, provider=means, act=act)


def _means(request: CustomerRequest) -> list[tuple[str, object]]:
    """Return what can be chosen: saved means first, the usual one before all."""
    saved = keeping.usable(request.account.id, timezone.localdate())
    named = [(f"{SAVED}{each.pk}", each.with_expiry) for each in saved]
    return [*named, *((name, registry.label(name)) for name in registry.offered())]


def _form(request: CustomerRequest, others: list[Receivable]) -> PayForm:
    language, means = languages.current(), _means(request)
    asked = set(request.GET.getlist("also"))
    return PayForm(
        request.POST if request.method == "POST" else None,
        others=others,
        means=means,
        language=language,
        initial={
            "also": [owed.number for owed in others if owed.number in asked],
            "means": means[0][0] if means else "",
        },
    )


def _standing(owed: Receivable) -> dict[str, object]:
    """Return what the page says of what is owed, amounts as the reader writes them."""
    language, last = languages.current(), queries.last_try(owed)
    return {
        "payable": paying.payable(owed),
        "cancelled": owed.state == CANCELLED,
        "amount": owed.amount.shown(language),
        "missing": owed.missing.shown(language),
        "paid": owed.paid.shown(language) if owed.paid_minor else "",
        "refunded": owed.refunded.shown(language) if owed.refunded_minor else "",
        "credit": owed.credit.shown(language) if owed.credit_minor else "",
        "declined": last is not None and last.state == DECLINED,
        "pending": last if last is not None and last.state == PENDING else None,
        "support_url": settings.NICHANDLE_SUPPORT_URL,
    }


@never_cache
@require_safe
def transfer(request: CustomerRequest, number: str) -> HttpResponse:
    found = queries.to_transfer(request.account.id, number)
    to = payee.current()
    if found is None or to is None:
        raise Http404
    if not found.missing.minor:
        return redirect("payments:pay", number=found.back_to)
    shown = {
        "titles": found.titles,
        "back_to": found.back_to,
        "payee": to,
        "amount": found.missing.shown(languages.current()),
        "plain_amount": f"{found.missing.amount}",
        "reference": found.reference,
        "reference_shown": references.shown(found.reference),
        # Drawn by us, of numbers that were checked.
        "qr": mark_safe(payee.code(to, found.missing, found.reference)),  # noqa: S308 - ours
    }
    return render(request, "payments/transfer.html", shown)


@never_cache
@require_safe
def go(request: CustomerRequest, number: str) -> HttpResponse:
    """Lead on to the provider's own page: by a link, as no form may send a browser elsewhere."""
    payment = _payment(request, number)
    if not payment.address or not paying.still_waiting(payment):
        return redirect("payments:done", number=number)
    return render(request, "payments/go.html", {"place": payment.address})


@never_cache
@require_safe
def done(request: CustomerRequest, number: str) -> HttpResponse:
    payment = _payment(request, number)
    through = registry.provider(payment.provider)
    if through is not None and paying.still_waiting(payment):
        if through.cheap:
            paying.look(payment, act=Act.of(request))
            payment.refresh_from_db()
        else:
            paying.have_looked_at(payment, now=timezone.now())
    owed = queries.paid_by(payment)
    if payment.state == "declined":
        return redirect("payments:pay", number=owed[0].number)
    shown = {
        "payment": payment,
        "owed": owed,
        "amount": payment.amount.shown(languages.current()),
        "waiting": paying.still_waiting(payment),
    }
    return render(request, "payments/done.html", shown)


def _mine(request: CustomerRequest, number: str) -> Receivable:
    owed = queries.mine(request.account.id, number)
    if owed is None:
        raise Http404
    return owed


def _payment(request: CustomerRequest, number: str) -> PaymentTry:
    payment = queries.payment_of(request.account.id, number)
    if payment is None:
        raise Http404
    return payment
