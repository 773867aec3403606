"""The page of a notice's link, and the cases of one's own account: where one objects."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nichandle.identity.cases import queries
from nichandle.identity.cases.errors import CannotConfirm, CaseOver, NoticeLinkNotValid
from nichandle.identity.cases.models import Notice
from nichandle.identity.cases.review import objections
from nichandle.identity.recovery.procedure.forms import NoticeForm, ObjectionForm
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest, VisitorRequest
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.ui.pages import form_page

PLACE = "recovery/procedure"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: VisitorRequest, secret: str) -> HttpResponse:
    found = queries.notice_of(secret)
    if found is None or not objections.works(found, now=timezone.now()):
        return _not_valid(request, NoticeLinkNotValid())
    form = _asked(request, found)
    if form.is_valid():
        return _act(request, secret, found, form)
    context = {
        "case": found.case,
        "new_address": addresses.mask(found.case.new_address),
    }
    return form_page(request, f"{PLACE}/notice.html", context, form=form)


def _asked(request: VisitorRequest, found: Notice) -> NoticeForm:
    """Ask what the reader means: programs that check mail open links and press buttons, too."""
    acts = {"object": _("I object: it was not me")}
    if objections.can_confirm(found):
        acts["confirm"] = _("It was me: no need to wait")
    data = request.POST if request.method == "POST" else None
    return NoticeForm(data, harmless=_("Nothing to say: change nothing"), **acts)


def _act(request: VisitorRequest, secret: str, found: Notice, form: NoticeForm) -> HttpResponse:
    confirms, act = form.act == "confirm", Act.of(request)
    if not form.act:
        return render(request, "recovery/nothing_done.html")
    try:
        if confirms:
            objections.confirm(secret=secret, act=act)
        else:
            words = form.cleaned_data["words"]
            objections.object_by_link(secret=secret, words=words, act=act)
    except (NoticeLinkNotValid, CannotConfirm) as refusal:
        return _not_valid(request, refusal)
    context = {"case": found.case, "confirmed": confirms}
    return render(request, f"{PLACE}/noticed.html", context)


@require_safe
def own(request: CustomerRequest) -> HttpResponse:
    rows = [
        {
            "case": case,
            "new_address": addresses.mask(case.new_address),
            "objected": any(row.by == "signin" for row in queries.objections_of(case)),
            "form": ObjectionForm(auto_id=f"id_{case.number}_%s"),
        }
        for case in queries.running_of(request.account.id)
    ]
    return render(request, f"{PLACE}/own.html", {"rows": rows})


@require_POST
@fresh_required
def object_own(request: CustomerRequest) -> HttpResponse:
    form = ObjectionForm(request.POST)
    try:
        objections.object_signed_in(
            account_id=request.account.id,
            number=request.POST.get("number", "")[:40],
            words=form.cleaned_data["words"] if form.is_valid() else "",
            act=Act.of(request),
        )
    except CaseOver as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("Your objection is noted: a third reviewer calls you back."))
    return redirect("recovery:own_cases")


def _not_valid(request: VisitorRequest, refusal: Refused) -> HttpResponse:
    return render(
        request, f"{PLACE}/notice_gone.html", {"refusal": str(refusal)}, status=refusal.status
    )
