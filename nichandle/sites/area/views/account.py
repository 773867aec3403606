"""The pages of the customer area that belong to no single room."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.identity.accounts import operations as accounts
from nichandle.identity.accounts.forms import DetailsForm
from nichandle.identity.accounts.queries import profile
from nichandle.identity.accounts.rules import KIND_LABELS
from nichandle.identity.handles.dictation import dictation
from nichandle.identity.pauses.queries import running
from nichandle.identity.signin.credentials.details import change_details
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest, VisitorRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording import languages, zones
from nichandle.platform.ui.language import remember, safe_next
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.area.queries import details_shown, known_of, overview


@login_not_required
@require_safe
def public(request: VisitorRequest) -> HttpResponse:
    return render(request, "area/public.html")


@require_safe
def home(request: CustomerRequest) -> HttpResponse:
    shown = overview(
        request.account.id,
        request.account.email,
        now=timezone.now(),
        today=timezone.localdate(),
    )
    return render(request, "area/home.html", {"overview": shown})


@require_safe
def spelling(request: CustomerRequest) -> HttpResponse:
    spelled = dictation(request.account.handle, languages.current())
    return render(request, "area/spelling.html", {"dictation": spelled})


@require_safe
def account(request: CustomerRequest) -> HttpResponse:
    known = known_of(request.account.id)
    context = {
        "profile": known.profile,
        "kind": dict(KIND_LABELS)[known.profile.kind],
        "rows": details_shown(known.profile),
        "recovery": known.recovery,
        "second_factor": known.second_factor,
        "spoken": languages.own_name(known.profile.language),
        "clock": zones.name_of(known.profile.time_zone),
    }
    return render(request, "area/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_required
def edit(request: CustomerRequest) -> HttpResponse:
    shown = profile(request.account.id)
    form = DetailsForm.of(shown, data=request.POST if request.method == "POST" else None)
    if form.is_valid() and _change(request, form):
        return redirect("area:account")
    paused = running(request.account.id, now=timezone.now())
    return form_page(request, "area/edit.html", {"profile": shown, "paused": paused}, form=form)


def _change(request: CustomerRequest, form: DetailsForm) -> bool:
    try:
        changed = change_details(
            account_id=request.account.id,
            details=form.cleaned_data,
            act=Act.of(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return False
    said = _("Your details are saved.") if changed else _("Nothing was changed.")
    messages.success(request, said)
    return True


@login_not_required
@require_POST
def language(request: VisitorRequest) -> HttpResponse:
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_next(request, "area:public"))
    if wanted in dict(settings.LANGUAGES):
        remember(response, wanted)
        if request.account:
            accounts.set_language(
                account_id=request.account.id,
                language=wanted,
                act=Act.of(request),
            )
            with translation.override(wanted):
                messages.success(request, _("Your pages and e-mails are in English from now on."))
    return response
