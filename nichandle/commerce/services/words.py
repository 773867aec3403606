"""The closed lists of this room, each entry with the words a customer reads."""

from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

RoleName = Literal["owner", "administrator", "technical", "billing"]
OWNER: Final = "owner"
ADMINISTRATOR: Final = "administrator"
TECHNICAL: Final = "technical"
BILLING: Final = "billing"
RANKED: tuple[RoleName, ...] = (OWNER, ADMINISTRATOR, TECHNICAL, BILLING)
"""The highest first."""

ROLES: Words = {
    OWNER: _("Owner"),
    ADMINISTRATOR: _("Administrator contact"),
    TECHNICAL: _("Technical contact"),
    BILLING: _("Billing contact"),
}
"""In the order of their rank."""

ROLES_SHORT: Words = {
    "owner": pgettext_lazy("role", "owner"),
    "administrator": pgettext_lazy("role", "administrator"),
    "technical": pgettext_lazy("role", "technical"),
    "billing": pgettext_lazy("role", "billing"),
}
"""As they stand in a row of several."""

ROLES_EXPLAINED: Words = {
    "owner": _("The legal holder of the service."),
    "administrator": _("Runs the service and decides about its other contacts."),
    "technical": _("Does what is technical."),
    "billing": _("Receives invoices and renewal notices, and pays."),
}

STATES: Words = {
    "creating": pgettext_lazy("state of a service", "In creation"),
    "active": pgettext_lazy("state of a service", "Active"),
    "suspended": pgettext_lazy("state of a service", "Suspended"),
    "terminated": pgettext_lazy("state of a service", "Terminated"),
}

STATE_KINDS = {
    "creating": "information",
    "active": "good",
    "suspended": "danger",
    "terminated": "attention",
}
"""How each is shown: the kind of its badge."""

RENEWALS: Words = {
    "automatic": pgettext_lazy("renewal", "Automatic"),
    "manual": pgettext_lazy("renewal", "Manual"),
}

ACTS: Words = {
    "created": _("Created"),
    "state": _("State: %(old)s, now %(new)s"),
    "expiry": _("Runs until %(new)s"),
    "renewal": _("Renewal: %(old)s, now %(new)s"),
    "contact": _("%(role)s: %(new)s, before %(old)s"),
    "plan": _("Plan: %(old)s, now %(new)s"),
    "plan_next": _("Plan from the next renewal on: %(new)s"),
    "plan_kept": _("The plan stays as it is with the next renewal"),
    "frozen": _("Contacts frozen because of a dispute"),
    "thawed": _("Contacts free again: the dispute is decided"),
}
"""What a service's history tells."""
