"""The page of the test provider: in demo mode alone there is one."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nichandle.commerce.payments.providers import registry, trial, webhooks
from nichandle.platform.kernel.wording import languages


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, secret: str) -> HttpResponse:
    through, now = registry.provider(trial.NAME), timezone.now()
    payment = trial.of_secret(secret)
    if not settings.DEMO or through is None or payment is None:
        raise Http404
    if request.method != "POST":
        shown = {
            "amount": payment.amount.shown(languages.current()),
            "state": payment.note.get("state", ""),
            "number": payment.number,
        }
        return render(request, "payments/trial.html", shown)
    if trial.choose(secret, request.POST.get("choice", ""), now=now) is None:
        raise Http404
    webhooks.receive(through, *trial.webhook(payment, now=now), now=now)
    return redirect("payments:done", number=payment.number)
