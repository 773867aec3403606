"""The ledger of one's account: read, searched, taken away, proven."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.audit import queries as audit
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.operations import spend
from nichandle.platform.ui.pages import form_page
from nichandle.platform.ui.spreadsheets import csv_file
from nichandle.sites.area.forms import LedgerForm
from nichandle.sites.area.ledger import ShownEntry, line_of


@require_safe
def ledger(request: CustomerRequest) -> HttpResponse:
    form, after = LedgerForm.of(request.GET), request.GET.get("after")
    wanted, kept = form.wanted(), form.query()
    found = audit.entries_of(request.account.id, wanted, after=after)
    shown = {
        "lines": [line_of(entry) for entry in found.rows],
        "first": urlencode(kept),
        "next": urlencode(kept | {"after": found.next}) if found.next else "",
        "after": after,
        "filtered": not wanted.everything,
        "holds": audit.valid(found, whole=wanted.everything),
    }
    return form_page(request, "area/ledger.html", shown, form=form)


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
    wanted = LedgerForm.of(request.GET).wanted()
    lines = (line_of(entry) for entry in audit.all_entries(request.account.id, wanted))
    return csv_file(f"{request.account.handle}.csv", _rows(lines))


def _rows(lines: Iterator[ShownEntry]) -> Iterator[list[object]]:
    yield [_("Number"), _("Time (UTC)"), _("What"), _("Network"), _("Browser"), _("Details")]
    for line in lines:
        yield [line.number, line.at.isoformat(), line.what, line.ip, line.browser, line.details]
