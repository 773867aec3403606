"""The closed lists of this room, and what pages call their members."""

from collections.abc import Mapping
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

StateName = Literal["open", "partly", "settled", "cancelled", "refunded"]
OPEN: Final = "open"
PARTLY: Final = "partly"
SETTLED: Final = "settled"
CANCELLED: Final = "cancelled"
REFUNDED: Final = "refunded"

FROM_STATEMENT: Final = "statement:"
"""How the source of a movement begins that a bank statement told; its line's key follows."""

STATES: Mapping[str, str | Promise] = {
    OPEN: pgettext_lazy("payment", "to pay"),
    PARTLY: pgettext_lazy("payment", "paid in part"),
    SETTLED: pgettext_lazy("payment", "paid"),
    CANCELLED: pgettext_lazy("payment", "cancelled"),
    REFUNDED: pgettext_lazy("payment", "paid back"),
}
STATE_KINDS: Mapping[str, str] = {
    OPEN: "attention",
    PARTLY: "attention",
    SETTLED: "good",
    CANCELLED: "information",
    REFUNDED: "information",
}
"""How a state looks on pages."""

MovementKind = Literal[
    "payment",
    "excess",
    "chargeback",
    "released",
    "refund",
    "returned",
    "unsent",
    "loss",
    "regained",
]
PAYMENT: Final = "payment"
EXCESS: Final = "excess"
CHARGEBACK: Final = "chargeback"
RELEASED: Final = "released"
REFUND: Final = "refund"
RETURNED: Final = "returned"
UNSENT: Final = "unsent"
LOSS: Final = "loss"
REGAINED: Final = "regained"

MOVEMENTS: Mapping[str, str | Promise] = {
    PAYMENT: pgettext_lazy("payment", "Payment received"),
    EXCESS: pgettext_lazy("payment", "Received beyond what was owed: your credit"),
    CHARGEBACK: pgettext_lazy("payment", "Payment taken back by the bank"),
    RELEASED: pgettext_lazy("payment", "Set free by the cancellation: your credit"),
    REFUND: pgettext_lazy("payment", "Paid back"),
    RETURNED: pgettext_lazy("payment", "Credit sent back"),
    UNSENT: pgettext_lazy("payment", "Sent back, but it did not arrive"),
    LOSS: pgettext_lazy("payment", "Taken back by the bank after it was paid back"),
    REGAINED: pgettext_lazy("payment", "Not lost after all"),
}

TRANSFER: Final = "transfer"
MEANS: Mapping[str, str | Promise] = {
    TRANSFER: pgettext_lazy("payment", "bank transfer"),
    "stripe": pgettext_lazy("payment", "card"),
    "test": pgettext_lazy("payment", "test payment"),
}
"""The means of payment by the name of their provider."""

RefundState = Literal["waiting", "sent", "by_hand", "done", "void"]
WAITING: Final = "waiting"
SENT: Final = "sent"
BY_HAND: Final = "by_hand"
DONE: Final = "done"
VOID: Final = "void"

REFUND_STATES: Mapping[str, str | Promise] = {
    WAITING: pgettext_lazy("refund", "about to be sent"),
    SENT: pgettext_lazy("refund", "on its way"),
    BY_HAND: pgettext_lazy("refund", "being sent by customer service"),
    DONE: pgettext_lazy("refund", "sent"),
    VOID: pgettext_lazy("refund", "not owed: the bank took the payment back"),
}

REFUND_REASONS: Mapping[str, str | Promise] = {
    "withdrawn": pgettext_lazy("refund", "the customer has withdrawn"),
    "taken": pgettext_lazy("refund", "a name was taken meanwhile"),
    "changed": pgettext_lazy("refund", "the service has changed or ended meanwhile"),
    "operator": pgettext_lazy("refund", "cancelled by customer service"),
    "credit": pgettext_lazy("refund", "received beyond what was owed"),
}
"""Why money goes back, by the code that is kept: colleagues read other languages."""

PaymentState = Literal["begun", "pending", "paid", "declined", "over"]
BEGUN: Final = "begun"
PENDING: Final = "pending"
PAID: Final = "paid"
DECLINED: Final = "declined"
OVER: Final = "over"

PAYMENT_STATES: Mapping[str, str | Promise] = {
    BEGUN: pgettext_lazy("payment", "begun"),
    PENDING: pgettext_lazy("payment", "being confirmed"),
    PAID: pgettext_lazy("payment", "paid"),
    DECLINED: pgettext_lazy("payment", "declined"),
    OVER: pgettext_lazy("payment", "not finished"),
}

SAVED: Final = "saved"
REFUSED: Final = "refused"
SAVING_STATES = (BEGUN, SAVED, REFUSED, OVER)
"""What became of a try to save a means of payment."""

BRANDS: Mapping[str, str | Promise] = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "cartes_bancaires": "CB",
    "amex": "American Express",
    "": pgettext_lazy("payment", "Card"),
}
"""How the brands of cards write themselves."""

LineState = Literal["waiting", "booked", "aside", "returned"]
LINE_WAITING: Final = "waiting"
BOOKED: Final = "booked"
ASIDE: Final = "aside"
LINE_RETURNED: Final = "returned"

LINE_STATES: Mapping[str, str | Promise] = {
    LINE_WAITING: pgettext_lazy("statement line", "waits for somebody"),
    BOOKED: pgettext_lazy("statement line", "booked"),
    ASIDE: pgettext_lazy("statement line", "no payment of a customer"),
    LINE_RETURNED: pgettext_lazy("statement line", "sent back"),
}
