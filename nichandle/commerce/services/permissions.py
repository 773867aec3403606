"""
Who may do what on a service: a table of data, and the one place that reads it.

Page, API and desk all ask here, and all can say why: by which role.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.services.words import (
    ADMINISTRATOR,
    BILLING,
    OWNER,
    RANKED,
    ROLES_SHORT,
    TECHNICAL,
    RoleName,
)
from nichandle.platform.kernel.errors import Refused

ServiceAction = Literal[
    "service.see",
    "service.operate",
    "service.transfer",
    "service.terminate",
    "renewal.change",
    "plan.change",
    "invoice.see",
    "invoice.pay",
    "contact.owner",
    "contact.administrator",
    "contact.technical",
    "contact.billing",
]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done, and the roles that allow it, the highest first."""

    sentence: str | Promise
    roles: tuple[RoleName, ...]


PERMISSIONS: Mapping[ServiceAction, Action] = {
    "service.see": Action(
        _("See the service, its contacts and its history"),
        (OWNER, ADMINISTRATOR, TECHNICAL, BILLING),
    ),
    "service.operate": Action(_("Do everything technical"), (ADMINISTRATOR, TECHNICAL)),
    "service.transfer": Action(
        _("Receive its transfer code and move it elsewhere"), (ADMINISTRATOR,)
    ),
    "service.terminate": Action(_("Terminate it"), (OWNER, ADMINISTRATOR)),
    "renewal.change": Action(_("Decide how it renews"), (ADMINISTRATOR, BILLING)),
    "plan.change": Action(_("Change its plan"), (OWNER, ADMINISTRATOR)),
    "invoice.see": Action(_("See and download its invoices"), (BILLING,)),
    "invoice.pay": Action(_("Pay its invoices"), (BILLING,)),
    "contact.owner": Action(_("Hand over the ownership"), (OWNER,)),
    "contact.administrator": Action(_("Name a new administrator"), (OWNER, ADMINISTRATOR)),
    "contact.technical": Action(_("Name a new technical contact"), (ADMINISTRATOR, TECHNICAL)),
    "contact.billing": Action(_("Name a new billing contact"), (ADMINISTRATOR, BILLING)),
}

RECIPIENTS: Mapping[str, tuple[RoleName, ...]] = {
    "renewal": (BILLING,),
    "invoice": (BILLING,),
    "technical": (TECHNICAL,),
    "legal": (ADMINISTRATOR, OWNER),
}
"""Which mail about a service goes to whom."""

CONTACT: Mapping[str, ServiceAction] = {
    OWNER: "contact.owner",
    ADMINISTRATOR: "contact.administrator",
    TECHNICAL: "contact.technical",
    BILLING: "contact.billing",
}
"""The action that hands a role over."""

AFTER_THE_END: Final = ("service.see", "invoice.see", "invoice.pay")
"""What can be done on a service that is terminated."""


NOT_IN_DISPUTE: Final = ("service.terminate", "service.transfer")
"""What waits, besides changes of contacts, until a dispute about them is decided."""


class NotYours(Refused):
    code = "service.not_yours"
    message = _("Your role on this service does not allow that.")
    status = 403


@dataclass(frozen=True, slots=True)
class Permission:
    """
    An action as it is explained: whether one may, by which roles, or whose it is.

    ``hindrance`` says why nobody can do it as the service is now.
    """

    action: ServiceAction
    sentence: str | Promise
    by: tuple[RoleName, ...]
    others: tuple[RoleName, ...]
    hindrance: str | Promise = ""

    @property
    def allowed(self) -> bool:
        return bool(self.by) and not self.hindrance

    @property
    def by_words(self) -> list[str | Promise]:
        return [ROLES_SHORT[role] for role in self.by]

    @property
    def other_words(self) -> list[str | Promise]:
        return [ROLES_SHORT[role] for role in self.others]


def allows(roles: Collection[str], action: ServiceAction) -> tuple[RoleName, ...]:
    """Return those of ``roles`` that allow an action, the highest first, or none."""
    return tuple(role for role in PERMISSIONS[action].roles if role in roles)


def require(roles: Collection[str], action: ServiceAction) -> None:
    """:raises NotYours: when none of ``roles`` allows the action"""
    if not allows(roles, action):
        raise NotYours


def changeable(roles: Collection[str]) -> tuple[RoleName, ...]:
    """Return the roles on a service that somebody with these may hand over, the highest first."""
    return tuple(role for role in RANKED if allows(roles, CONTACT[role]))


def explained(
    roles: Collection[str], *, terminated: bool = False, frozen: bool = False
) -> Sequence[Permission]:
    """Return every action with what these roles, and the service's state, have to do with it."""
    return [
        Permission(
            name,
            action.sentence,
            allows(roles, name),
            action.roles,
            _hindrance(name, terminated=terminated, frozen=frozen),
        )
        for name, action in PERMISSIONS.items()
    ]


def _hindrance(action: ServiceAction, *, terminated: bool, frozen: bool) -> str | Promise:
    if terminated and action not in AFTER_THE_END:
        return _("The service is terminated.")
    if frozen and (action in CONTACT.values() or action in NOT_IN_DISPUTE):
        return _("The contacts are in dispute.")
    return ""
