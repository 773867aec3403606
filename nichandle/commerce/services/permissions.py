"""
Who may do what on a service: a table of data, and the one place that reads it.

Page, API and desk all ask here, and all can say why: by which role.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.services.words import ROLES, ROLES_SHORT
from nichandle.platform.kernel.errors import Refused

OWNER, ADMINISTRATOR, TECHNICAL, BILLING = ROLES


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done, and the roles that allow it, the highest first."""

    sentence: str | Promise
    roles: tuple[str, ...]


PERMISSIONS: Final = {
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
    "invoice.see": Action(_("See and download its invoices"), (BILLING,)),
    "invoice.pay": Action(_("Pay its invoices"), (BILLING,)),
    "contact.owner": Action(_("Hand over the ownership"), (OWNER,)),
    "contact.administrator": Action(_("Name a new administrator"), (OWNER, ADMINISTRATOR)),
    "contact.technical": Action(_("Name a new technical contact"), (ADMINISTRATOR, TECHNICAL)),
    "contact.billing": Action(_("Name a new billing contact"), (ADMINISTRATOR, BILLING)),
}

RECIPIENTS: Final = {
    "renewal": (BILLING,),
    "invoice": (BILLING,),
    "technical": (TECHNICAL,),
    "legal": (ADMINISTRATOR, OWNER),
}
"""Which mail about a service goes to whom."""


AFTER_THE_END: Final = ("service.see", "invoice.see", "invoice.pay")
"""What can be done on a service that is terminated."""


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

    action: str
    sentence: str | Promise
    by: tuple[str, ...]
    others: tuple[str, ...]
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


def allows(roles: Collection[str], action: str) -> tuple[str, ...]:
    """
    Return those of ``roles`` that allow an action, the highest first; none when it is not allowed.

    :raises KeyError: when the action is not in ``PERMISSIONS``
    """
    return tuple(role for role in PERMISSIONS[action].roles if role in roles)


def require(roles: Collection[str], action: str) -> None:
    """:raises NotYours: when none of ``roles`` allows the action"""
    if not allows(roles, action):
        raise NotYours


def changeable(roles: Collection[str]) -> tuple[str, ...]:
    """Return the roles on a service that somebody with these may hand over, the highest first."""
    return tuple(role for role in ROLES if allows(roles, f"contact.{role}"))


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


def _hindrance(action: str, *, terminated: bool, frozen: bool) -> str | Promise:
    if terminated and action not in AFTER_THE_END:
        return _("The service is terminated.")
    if frozen and action.startswith("contact."):
        return _("The contacts are in dispute.")
    return ""
