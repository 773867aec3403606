"""Language and time zone of an account: those of its pages and of its mails."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nichandle.identity.accounts import operations as accounts
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel.act import Act
from nichandle.platform.ui.language import remember
from nichandle.platform.ui.pages import form_page
from nichandle.sites.area.forms import PreferencesForm


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: CustomerRequest) -> HttpResponse:
    account = request.account
    form = PreferencesForm(
        request.POST if request.method == "POST" else None,
        time_zone=account.time_zone,
        initial={"language": account.language, "time_zone": account.time_zone},
    )
    if not form.is_valid():
        return form_page(request, "area/preferences.html", {}, form=form)
    language, time_zone = form.cleaned_data["language"], form.cleaned_data["time_zone"]
    accounts.set_language(account_id=account.id, language=language, act=Act.of(request))
    accounts.set_time_zone(account_id=account.id, time_zone=time_zone, act=Act.of(request))
    with translation.override(language):
        messages.success(request, _("Language and time zone are saved."))
    response = redirect("area:account")
    remember(response, language)
    return response
