"""The staff's ledger: what each of them has done, for the desk administrator."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.identity.staff.models import StaffEntry
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.paging import Page, page

StaffAct = Literal[
    "staff.invited",
    "staff.set_up",
    "staff.dismissed",
    "staff.role_changed",
    "staff.signed_in",
    "staff.signed_out",
    "staff.key_added",
    "staff.key_removed",
    "staff.key_copied",
    "case.taken",
    "case.left",
    "case.papers_asked",
    "case.approved",
    "case.refused",
    "case.closed",
    "case.settled",
    "case.paper_read",
    "bank.line_assigned",
    "bank.line_aside",
    "bank.line_sent_back",
    "bank.refund_sent",
    "bank.credit_sent_back",
    "ticket.answered",
    "ticket.noted",
    "ticket.taken",
    "ticket.left",
    "ticket.closed",
]
STAFF_ACTS: dict[StaffAct, str | Promise] = {
    "staff.invited": _("Colleague invited, or given a new link"),
    "staff.set_up": _("One-time link used: password and key chosen"),
    "staff.dismissed": _("Colleague dismissed"),
    "staff.role_changed": _("Role changed"),
    "staff.signed_in": _("Signed in"),
    "staff.signed_out": _("Signed out"),
    "staff.key_added": _("Security key added"),
    "staff.key_removed": _("Security key removed"),
    "staff.key_copied": _("Copy of a security key refused"),
    "case.taken": _("Case taken up"),
    "case.left": _("Case left to another"),
    "case.papers_asked": _("Papers asked for"),
    "case.approved": _("Case approved"),
    "case.refused": _("Case refused"),
    "case.closed": _("Case closed"),
    "case.settled": _("Dispute decided"),
    "case.paper_read": _("Page of a paper read"),
    "bank.line_assigned": _("Bank line booked"),
    "bank.line_aside": _("Bank line put aside"),
    "bank.line_sent_back": _("Bank line sent back"),
    "bank.refund_sent": _("Refund transferred"),
    "bank.credit_sent_back": _("Credit given back"),
    "ticket.answered": _("Ticket answered"),
    "ticket.noted": _("Note written in a ticket"),
    "ticket.taken": _("Ticket taken up"),
    "ticket.left": _("Ticket given back"),
    "ticket.closed": _("Ticket closed"),
}
"""What staff can do, as the desk administrator reads it."""
PAGE = 50


def enter(
    what: StaffAct,
    *,
    member_id: UUID | None,
    act: Act,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """
    Write what somebody of the staff does; call it inside the transaction of the act.

    ``member_id`` is None for the operator. No secret stands in ``details``.
    """
    StaffEntry.objects.create(
        member_id=member_id,
        at=act.now,
        what=what,
        subject=subject,
        details=dict(details or {}),
        ip=act.origin.ip or None,
    )


def entries(*, member_id: UUID | None, after: str | None) -> Page[StaffEntry]:
    """Return what staff have done, newest first: all of them, or one."""
    rows = StaffEntry.objects.select_related("member")
    if member_id is not None:
        rows = rows.filter(member_id=member_id)
    return page(rows, by="-id", after=after, size=PAGE)
