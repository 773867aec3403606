"""The pages on which one sees what happens to one's account: devices, ledger, mails."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.identity.accounts import credentials
from nichandle.identity.factors.queries import has_factor
from nichandle.identity.signin.credentials.password import change_password
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions import ending, queries
from nichandle.identity.signin.sessions.http import CustomerRequest, browser_secret, session_key
from nichandle.identity.signin.sessions.middleware import enrolment_allowed
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.outbox import queries as outbox
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.rendering import rendered, subject_of
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.area.forms import PasswordForm
from nichandle.sites.area.mailbox.views import LETTER_POLICY


@enrolment_allowed
@require_safe
def sessions(request: CustomerRequest) -> HttpResponse:
    after, key = request.GET.get("after", ""), session_key(request)
    found = queries.devices(request.account.id, key=key, now=timezone.now(), after=after)
    return render(request, "area/sessions.html", {"found": found, "after": after})


@enrolment_allowed
@require_POST
def end_session(request: CustomerRequest) -> HttpResponse:
    chosen = request.POST.get("session", "")
    ended = chosen.isdecimal() and ending.end_session(
        account_id=request.account.id,
        session_id=int(chosen[:18]),
        act=Act.of(request),
    )
    if ended:
        messages.success(request, _("That session has ended."))
    else:
        messages.info(request, _("That session had ended already."))
    return redirect("area:sessions")


@enrolment_allowed
@require_POST
def end_others(request: CustomerRequest) -> HttpResponse:
    ending.end_others(
        account_id=request.account.id,
        key=session_key(request) or "",
        act=Act.of(request),
        browser=browser_secret(request),
    )
    messages.success(request, _("You are signed in on this device alone now."))
    return redirect("area:sessions")


@enrolment_allowed
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_required
def password(request: CustomerRequest) -> HttpResponse:
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if not credentials.by_id(request.account.id).password:
        # Voided by "it was not me", and the owner has come in with a passkey.
        form.without_current()
    form.shorten(second_factor=has_factor(request.account.id))
    if form.is_valid() and _changed(request, form):
        messages.success(request, _("Your password is changed; other devices are signed out."))
        return redirect("area:account")
    return form_page(request, "area/password.html", {}, form=form)


def _changed(request: CustomerRequest, form: PasswordForm) -> bool:
    try:
        change_password(
            account_id=request.account.id,
            current=form.cleaned_data.get("current", ""),
            new=form.cleaned_data["password"],
            key=session_key(request) or "",
            act=Act.of(request),
            browser=browser_secret(request),
        )
    except Refused as refusal:
        refuse(form, refusal)
        return False
    return True


@require_safe
def mails(request: CustomerRequest) -> HttpResponse:
    found = outbox.mails_of(request.account.id, after=request.GET.get("after"))
    shown = [{"mail": mail, "subject": subject_of(mail)} for mail in found.rows]
    return render(request, "area/mails.html", {"mails": shown, "next": found.next})


@require_safe
def mail(request: CustomerRequest, mail_id: int) -> HttpResponse:
    found = _own_mail(request, mail_id)
    return render(request, "area/mail.html", {"mail": found, "letter": rendered(found)})


@require_safe
def mail_html(request: CustomerRequest, mail_id: int) -> HttpResponse:
    response = HttpResponse(rendered(_own_mail(request, mail_id)).html)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _own_mail(request: CustomerRequest, mail_id: int) -> Mail:
    found = outbox.mail_of(request.account.id, mail_id)
    if found is None:
        raise Http404
    return found
