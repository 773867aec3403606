"""The saved means of payment of an account, and the test provider's page of cards."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.commerce.payments import queries
from nichandle.commerce.payments.models import Saving
from nichandle.commerce.payments.providers import registry, trial_vault
from nichandle.commerce.payments.saved import keeping
from nichandle.commerce.payments.words import BEGUN, REFUSED, SAVED
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused


@never_cache
@require_safe
def means(request: CustomerRequest) -> HttpResponse:
    today, providers = timezone.localdate(), registry.saving()
    rows = [(each, each.expired(today)) for each in keeping.of(request.account.id)]
    shown = {
        "rows": rows,
        "providers": [(name, registry.label(name)) for name in providers],
    }
    return render(request, "payments/means.html", shown)


@require_POST
@fresh_required
def add(request: CustomerRequest) -> HttpResponse:
    account, provider = request.account, request.POST.get("provider", "")
    try:
        act = Act.of(request)
        return redirect(keeping.begin(account.id, account.handle, provider=provider, act=act))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("payments:means")


@never_cache
@require_safe
def go(request: CustomerRequest, number: str) -> HttpResponse:
    """Lead on to the provider's own page: by a link, as no form may send a browser elsewhere."""
    saving = _mine(request, number)
    if not saving.address or saving.state != BEGUN:
        return redirect("payments:means_done", number=number)
    return render(request, "payments/go.html", {"place": saving.address, "saving": saving})


@never_cache
@require_safe
def done(request: CustomerRequest, number: str) -> HttpResponse:
    saving = _mine(request, number)
    through = registry.provider(saving.provider)
    if through is not None and saving.state == BEGUN:
        if through.cheap:
            keeping.look(saving, act=Act.of(request))
            saving.refresh_from_db()
        else:
            keeping.have_looked_at(saving, now=timezone.now())
    if saving.state == BEGUN:
        return render(request, "payments/means_waiting.html")
    if saving.state == SAVED:
        messages.success(request, _("Your means of payment is saved."))
    elif saving.state == REFUSED:
        messages.error(request, _("Nothing was saved: a pause began meanwhile."))
    else:
        messages.info(request, _("Nothing was saved."))
    return redirect("payments:means")


@require_POST
@fresh_required
def prefer(request: CustomerRequest, which: int) -> HttpResponse:
    try:
        keeping.prefer(request.account.id, which, act=Act.of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your choice is saved."))
    return redirect("payments:means")


@require_POST
@fresh_required
def remove(request: CustomerRequest, which: int) -> HttpResponse:
    try:
        keeping.remove(request.account.id, which, act=Act.of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The means of payment is removed."))
    return redirect("payments:means")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def trial_card(request: HttpRequest, secret: str) -> HttpResponse:
    """The test provider's page: which card is saved, in demo mode alone."""
    saving = queries.saving_of_secret(secret)
    if not settings.DEMO or registry.vault("test") is None or saving is None:
        raise Http404
    if request.method != "POST":
        cards = [(name, card) for name, card in trial_vault.CARDS.items()]
        shown = {"cards": cards, "nothing": trial_vault.NOT_SAVED}
        return render(request, "payments/trial_card.html", shown)
    trial_vault.choose(secret, request.POST.get("card", ""), now=timezone.now())
    return redirect("payments:means_done", number=saving.number)


def _mine(request: CustomerRequest, number: str) -> Saving:
    saving = queries.saving_of(request.account.id, number)
    if saving is None:
        raise Http404
    return saving
