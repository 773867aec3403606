"""The words of this room: kinds and states of documents."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

INVOICE: Final = "invoice"
DEPOSIT: Final = "deposit"
CREDIT_NOTE: Final = "credit_note"

KINDS: Mapping[str, str | Promise] = {
    INVOICE: _("Invoice"),
    DEPOSIT: _("Deposit invoice"),
    CREDIT_NOTE: _("Credit note"),
}
SERIES: Mapping[str, str] = {INVOICE: "F", DEPOSIT: "F", CREDIT_NOTE: "A"}
"""The series that numbers each kind."""

OPEN: Final = "open"
PAID: Final = "paid"
CREDITED: Final = "credited"
CREDIT: Final = "credit"
STATES: Mapping[str, str | Promise] = {
    OPEN: pgettext_lazy("invoice", "To pay"),
    PAID: pgettext_lazy("invoice", "Paid"),
    CREDITED: pgettext_lazy("invoice", "Cancelled by a credit note"),
    CREDIT: pgettext_lazy("invoice", "In your favour"),
}
STATE_KINDS: Mapping[str, str] = {
    OPEN: "attention",
    PAID: "good",
    CREDITED: "information",
    CREDIT: "information",
}
WAITING: Final = "waiting"
ISSUED: Final = "issued"
WITHDRAWN: Final = "withdrawn"
ASKED: Final = "asked"
READY: Final = "ready"
"""An archive is asked for, then ready."""
