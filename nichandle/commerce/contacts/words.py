"""The closed lists of this room: states, their order, and why a request ended."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from nichandle.commerce.services.words import Words

STATES: Words = {
    "todo": _("Being prepared"),
    "checkValidity": _("Waiting for the end of a pause"),
    "validatingByCustomers": _("Waiting for an answer"),
    "doing": _("Accepted, under way"),
    "done": _("Handed over"),
    "refused": _("Refused"),
    "expired": _("Lapsed"),
    "aborted": _("Cancelled"),
    "error": _("Not carried out"),
}
OPEN: Final = ("todo", "checkValidity", "validatingByCustomers", "doing")
ENDED: Final = ("done", "refused", "expired", "aborted", "error")

FOLLOWS: Final = {
    "todo": {"validatingByCustomers", "checkValidity", "doing", "expired", "aborted", "error"},
    "checkValidity": {"validatingByCustomers", "expired", "aborted", "error"},
    "validatingByCustomers": {"doing", "refused", "expired", "aborted"},
    "doing": {"done", "aborted", "error", "validatingByCustomers"},
}
"""
Which state may follow which. ``todo``: written, nobody told. ``checkValidity``: a pause of the
asker's began before the mails left. ``validatingByCustomers``: the mails are out. ``doing``: all
said yes; carried out at once unless a pause runs; a yes that is void asks for another.
"""

OUTCOMES: Words = {
    "given_back": _("the roles were given back"),
    "stands": _("the hand-over stands"),
}
"""How a dispute was decided."""

REASONS: Words = {
    "withdrawn": _("The asker withdrew it."),
    "replaced": _("A newer request took its place."),
    "disputed": _("The contacts of a service are in dispute."),
    "case": _("Access to one of the accounts was given back by customer service."),
    "disowned": _("The owner of the asking account contested it."),
    "access_given": _("Customer service has given access to the asking account back."),
    "outdated": _("The contacts had changed in the meantime."),
    "obstacle": _("An account could no longer take part."),
    "waited": _("It waited too long."),
}
