"""The pages on which one sees what happens to one's account: devices, ledger, mails."""

import csv
from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.accounts import credentials
from nichandle.area.forms import PasswordForm
from nichandle.area.ledger import KINDS, Line, line_of
from nichandle.area.mailbox.views import LETTER_POLICY
from nichandle.audit import queries as audit
from nichandle.factors.queries import has_factor
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.limits.operations import spend
from nichandle.outbox import queries as outbox
from nichandle.outbox.models import Mail
from nichandle.outbox.rendering import rendered
from nichandle.signin import operations, queries
from nichandle.signin.fresh import fresh_required
from nichandle.signin.http import CustomerRequest, browser_secret, session_key
from nichandle.signin.middleware import enrolment_allowed
from nichandle.signin.password import change_password
from nichandle.ui.pages import form_page, refuse


@enrolment_allowed
@require_safe
def sessions(request: CustomerRequest) -> HttpResponse:
    devices = queries.devices(request.account.id, key=session_key(request), now=timezone.now())
    return render(request, "area/sessions.html", {"devices": devices})


@enrolment_allowed
@require_POST
def end_session(request: CustomerRequest) -> HttpResponse:
    chosen = request.POST.get("session", "")
    ended = chosen.isdecimal() and operations.end_session(
        account_id=request.account.id,
        session_id=int(chosen[:18]),
        origin=Origin.of(request),
        now=timezone.now(),
    )
    if ended:
        messages.success(request, _("That session has ended."))
    else:
        messages.info(request, _("That session had ended already."))
    return redirect("area:sessions")


@enrolment_allowed
@require_POST
def end_others(request: CustomerRequest) -> HttpResponse:
    operations.end_others(
        account_id=request.account.id,
        key=session_key(request) or "",
        origin=Origin.of(request),
        now=timezone.now(),
        browser=browser_secret(request),
    )
    messages.success(request, _("You are signed in on this device alone now."))
    return redirect("area:sessions")


@enrolment_allowed
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: CustomerRequest) -> HttpResponse:
    if not credentials.by_id(request.account.id).password:
        # Voided by "it was not me", and the owner has come in with a passkey.
        return _first_password(request)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    return _password(request, form)


@fresh_required
def _first_password(request: CustomerRequest) -> HttpResponse:
    form = PasswordForm(request.POST if request.method == "POST" else None)
    form.without_current()
    return _password(request, form)


def _password(request: CustomerRequest, form: PasswordForm) -> HttpResponse:
    form.shorten(second_factor=has_factor(request.account.id))
    if form.is_valid():
        try:
            change_password(
                account_id=request.account.id,
                current=form.cleaned_data.get("current", ""),
                new=form.cleaned_data["password"],
                key=session_key(request) or "",
                origin=Origin.of(request),
                now=timezone.now(),
                browser=browser_secret(request),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Your password is changed; other devices are signed out."))
            return redirect("area:account")
    return form_page(request, "area/password.html", {}, form=form)


@require_safe
def ledger(request: CustomerRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in dict(KINDS) else ""
    after = request.GET.get("after")
    found = audit.entries_of(request.account.id, kind=kind, after=after)
    lines = [line_of(entry) for entry in found.rows]
    shown = {"lines": lines, "next": found.next, "kinds": KINDS, "kind": kind, "after": after}
    holds = audit.holds(found, whole=not kind)
    return render(request, "area/ledger.html", {**shown, "holds": holds})


@require_POST
def prove_ledger(request: CustomerRequest) -> HttpResponse:
    try:
        spend("ledger.prove", key=str(request.account.id), now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("area:ledger")
    count, holds = audit.prove(request.account.id)
    if holds:
        said = ngettext(
            "Proven: the %(count)s entry is as it was written.",
            "Proven: all %(count)s entries are as they were written, and none is missing.",
            count,
        )
        messages.success(request, said % {"count": count})
    else:
        messages.error(request, _("The ledger does not hold: tell customer service at once."))
    return redirect("area:ledger")


@require_safe
def ledger_csv(request: CustomerRequest) -> StreamingHttpResponse:
    lines = (line_of(entry) for entry in audit.all_entries(request.account.id))
    response = StreamingHttpResponse(_csv(lines), content_type="text/csv; charset=utf-8")
    name = f"{request.account.handle}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def mails(request: CustomerRequest) -> HttpResponse:
    found = outbox.mails_of(request.account.id, after=request.GET.get("after"))
    shown = [{"mail": mail, "subject": rendered(mail).subject} for mail in found.rows]
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


class _Echo:
    """Gives each written line back, so that the ledger streams."""

    def write(self, text: str) -> str:
        return text


def _csv(lines: Iterator[Line]) -> Iterator[str]:
    # The mark tells spreadsheets that this is UTF-8.
    yield "\ufeff"
    write = csv.writer(_Echo())
    yield write.writerow(
        [_("Number"), _("Time (UTC)"), _("What"), _("Network"), _("Browser"), _("Details")]
    )
    for line in lines:
        row = [line.number, line.at.isoformat(), line.what, line.ip, line.browser, line.details]
        yield write.writerow([_harmless(str(cell)) for cell in row])


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell
