"""Which role may do what: data, which pages and operations ask and the desk explains."""

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel.errors import Refused

RightName = Literal["cases", "bank", "tickets", "people"]
RIGHTS: dict[RightName, str | Promise] = {
    "cases": _("Take cases up, read their papers and decide them, two by two"),
    "bank": _("Decide what lines of bank statements are for, and send refunds"),
    "tickets": _("Read and answer what customers ask, in their tickets"),
    "people": _("Invite and dismiss colleagues, change their role and read what staff have done"),
}
NEVER: tuple[str | Promise, ...] = (
    _("See or set a customer’s password"),
    _("Read a code that was mailed to a customer"),
    _("Change a customer’s address"),
    _("Sign in as a customer"),
)
"""What no role may do: there is no operation for it."""


@dataclass(frozen=True, slots=True)
class StaffRole:
    """One role: what it is called, and its rights."""

    label: str | Promise
    rights: frozenset[RightName]


ROLES: dict[str, StaffRole] = {
    StaffMember.Role.REVIEWER: StaffRole(_("Reviewer"), frozenset({"cases", "tickets"})),
    StaffMember.Role.BILLING: StaffRole(_("Billing"), frozenset({"bank", "tickets"})),
    StaffMember.Role.ADMINISTRATOR: StaffRole(_("Desk administrator"), frozenset({"people"})),
}


class NotYourRight(Refused):
    code = "staff.not_your_right"
    message = _("Your role does not include this.")
    status = 403


def may(member: StaffMember, right: RightName) -> bool:
    """Tell whether somebody works here and their role includes a right."""
    return member.active and right in ROLES[member.role].rights
