"""The closed lists of this room, each entry with the words a customer reads."""

from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

StateName = Literal["notPaid", "checking", "delivering", "delivered", "cancelling", "cancelled"]
NOT_PAID: Final = "notPaid"
CHECKING: Final = "checking"
DELIVERING: Final = "delivering"
DELIVERED: Final = "delivered"
CANCELLING: Final = "cancelling"
CANCELLED: Final = "cancelled"

STATES: Words = {
    NOT_PAID: pgettext_lazy("state of an order", "To be paid"),
    CHECKING: pgettext_lazy("state of an order", "Being checked"),
    DELIVERING: pgettext_lazy("state of an order", "Being delivered"),
    DELIVERED: pgettext_lazy("state of an order", "Delivered"),
    CANCELLING: pgettext_lazy("state of an order", "Being cancelled"),
    CANCELLED: pgettext_lazy("state of an order", "Cancelled"),
}
STATE_KINDS = {
    NOT_PAID: "attention",
    CHECKING: "information",
    DELIVERING: "information",
    DELIVERED: "good",
    CANCELLING: "attention",
    CANCELLED: "attention",
}
"""How each is shown: the kind of its badge."""

FOLLOWS: dict[str, frozenset[str]] = {
    NOT_PAID: frozenset({CHECKING, CANCELLED}),
    CHECKING: frozenset({DELIVERING, CANCELLING, NOT_PAID}),
    DELIVERING: frozenset({DELIVERED, CANCELLING, NOT_PAID}),
    DELIVERED: frozenset({CANCELLING}),
    CANCELLING: frozenset({CANCELLED}),
    CANCELLED: frozenset(),
}
"""Which state may follow which. Money that is taken back leads to "to be paid" again."""

RUNNING = frozenset({CHECKING, DELIVERING, DELIVERED})
"""The states in which an order is paid and has not ended."""

ReasonName = Literal["", "customer", "expired", "withdrawn", "taken", "changed", "operator"]
REASONS: Words = {
    "customer": _("You have cancelled it."),
    "expired": _("It was not paid in time."),
    "withdrawn": _("You have withdrawn from the contract."),
    "taken": _("Somebody else has taken a name of this order meanwhile."),
    "changed": _("Its service has changed or ended meanwhile."),
    "operator": _("Customer service has cancelled it."),
}
"""Why an order is cancelled."""

DeliveryName = Literal["waiting", "asked", "done", "failed", "stopped"]
WAITING: Final = "waiting"
ASKED: Final = "asked"
DONE: Final = "done"
FAILED: Final = "failed"
STOPPED: Final = "stopped"
DELIVERIES: Words = {
    WAITING: pgettext_lazy("delivery", "Waiting"),
    ASKED: pgettext_lazy("delivery", "Under way"),
    DONE: pgettext_lazy("delivery", "Delivered"),
    FAILED: pgettext_lazy("delivery", "Delayed"),
    STOPPED: pgettext_lazy("delivery", "Stopped"),
}

KindName = Literal["new", "change"]
NEW: Final = "new"
CHANGE: Final = "change"

EVENTS: Words = {
    "ordered": _("Ordered"),
    "paid": pgettext_lazy("order", "Paid"),
    "unpaid": _("The payment was taken back"),
    "delivering": _("Delivery has begun"),
    "line_delivered": _("%(name)s delivered"),
    "line_failed": _("The delivery of %(name)s is delayed; we look into it"),
    "delivered": pgettext_lazy("order", "Delivered"),
    "cancelling": _("Cancellation has begun"),
    "cancelled": _("Cancelled"),
    "withdrawn": _("A withdrawal from the contract was declared"),
    "contested": _("The withdrawal was contested"),
    "held": _("A service of it belongs to somebody else by now; customer service looks into it"),
    "refunded": _("%(amount)s paid back"),
}
"""What an order's history tells."""
