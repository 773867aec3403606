"""The closed lists of this room, each entry with the words that both sides read."""

from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

WAITING: Final = "waiting"
ANSWERED: Final = "answered"
CLOSED: Final = "closed"
STATES: Words = {
    WAITING: pgettext_lazy("state of a ticket", "Waiting"),
    ANSWERED: pgettext_lazy("state of a ticket", "Answered"),
    CLOSED: pgettext_lazy("state of a ticket", "Closed"),
}
STATE_KINDS = {WAITING: "information", ANSWERED: "good", CLOSED: "information"}
"""How each is shown: the kind of its badge."""

CATEGORIES: Words = {
    "assistance": _("I need help"),
    "incident": _("Something does not work"),
    "billing": _("Orders, payments and invoices"),
}
"""What a ticket is about, as published clients of the API know it."""

SideName = Literal["customer", "staff", "note"]
CUSTOMER: Final = "customer"
STAFF: Final = "staff"
NOTE: Final = "note"
"""Whose a message is; a note is for customer service alone."""
SIDES = [CUSTOMER, STAFF, NOTE]

RATINGS: dict[int, str | Promise] = {
    5: pgettext_lazy("rating", "Very good"),
    4: pgettext_lazy("rating", "Good"),
    3: pgettext_lazy("rating", "Fair"),
    2: pgettext_lazy("rating", "Poor"),
    1: pgettext_lazy("rating", "Bad"),
}
"""How a customer found the help they got, the best first."""
