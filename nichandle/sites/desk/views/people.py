"""Who works here: the way in for each role, rights explained, colleagues, and what they did."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nichandle.identity.staff import people as staff
from nichandle.identity.staff.ledger import STAFF_ACTS, entries
from nichandle.identity.staff.models import StaffEntry, StaffMember
from nichandle.identity.staff.roles import NEVER, RIGHTS, ROLES, RightName, may
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording import languages
from nichandle.platform.ui.pages import form_page, refuse
from nichandle.sites.desk import operations
from nichandle.sites.desk.forms import InvitationForm, RoleForm
from nichandle.sites.desk.http import ReviewerRequest, for_administrators, for_staff

FIRST: tuple[tuple[RightName, str], ...] = (
    ("cases", "review:cases"),
    ("bank", "review:bank"),
    ("people", "review:people"),
)
"""Where each right begins; the first of somebody's rights is where they come in."""


@require_safe
@for_staff
def home(request: ReviewerRequest) -> HttpResponse:
    return redirect(next(place for right, place in FIRST if may(request.reviewer, right)))


@require_safe
@login_not_required
def before(_request: HttpRequest) -> HttpResponse:
    """Lead on from the address of a time when only reviewers were here."""
    return redirect("review:home")


@require_safe
@for_staff
def rights(request: ReviewerRequest) -> HttpResponse:
    mine = ROLES[request.reviewer.role].rights
    shown = {
        "reviewer": request.reviewer,
        "role": ROLES[request.reviewer.role].label,
        "mine": [sentence for name, sentence in RIGHTS.items() if name in mine],
        "never": NEVER,
        "roles": [
            (role.label, [RIGHTS[name] for name in RIGHTS if name in role.rights])
            for role in ROLES.values()
        ],
    }
    return render(request, "review/rights.html", shown)


@require_safe
@for_administrators
def people(request: ReviewerRequest) -> HttpResponse:
    return _page(request, InvitationForm())


@require_POST
@for_administrators
def invite(request: ReviewerRequest) -> HttpResponse:
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            staff.invite_colleague(
                by=request.reviewer.pk,
                **form.cleaned_data,
                language=languages.current(),
                act=Act.of(request),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The link is on its way to them."))
            return redirect("review:people")
    return _page(request, form)


@require_POST
@for_administrators
def role(request: ReviewerRequest, who: UUID) -> HttpResponse:
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            chosen = form.cleaned_data["role"]
            staff.change_role(who, role=chosen, by=request.reviewer.pk, act=Act.of(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done."))
    return redirect("review:people")


@require_POST
@for_administrators
def dismiss(request: ReviewerRequest, who: UUID) -> HttpResponse:
    found, act = staff.member(who), Act.of(request)
    if found is None:
        raise Http404
    try:
        operations.dismiss(email=found.email, now=act.now, by=request.reviewer.pk, act=act)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("They can do nothing any more."))
    return redirect("review:people")


@require_safe
@for_administrators
def ledger(request: ReviewerRequest) -> HttpResponse:
    after, whose = request.GET.get("after"), _chosen(request.GET.get("who", ""))
    found = entries(member_id=whose.pk if whose else None, after=after)
    shown = {
        "reviewer": request.reviewer,
        "lines": [(entry, _subject(entry), *_told(entry)) for entry in found.rows],
        "next": found.next,
        "after": after,
        "whose": whose,
        "everybody": staff.everybody(),
    }
    return render(request, "review/staff_ledger.html", shown)


def _chosen(text: str) -> StaffMember | None:
    try:
        return staff.member(UUID(text))
    except ValueError:
        return None


def _subject(entry: StaffEntry) -> str:
    return addresses.shown(entry.subject) if "@" in entry.subject else entry.subject


def _told(entry: StaffEntry) -> tuple[str, str]:
    """Return an entry's sentence, and its details in words."""
    details = [
        str(ROLES[value].label) if value in ROLES else str(value)
        for value in entry.details.values()
        if value not in ("", None)
    ]
    what = STAFF_ACTS.get(entry.what, entry.what)
    return str(what), " · ".join(details)


def _page(request: ReviewerRequest, form: InvitationForm) -> HttpResponse:
    listed = [
        (
            one,
            ROLES[one.role].label,
            _state(one),
            RoleForm(initial={"role": one.role}, auto_id=f"id_{one.pk}_%s"),
        )
        for one in staff.everybody()
    ]
    shown = {"reviewer": request.reviewer, "listed": listed}
    return form_page(request, "review/people.html", shown, form=form)


def _state(member: StaffMember) -> tuple[str, str]:
    if not member.active:
        return "danger", _("Dismissed")
    return ("good", _("Works here")) if member.password else ("attention", _("Invited"))
