"""The figures that sentences name of this room: ``"orders.withdrawal"``."""

from nichandle.commerce.orders import period
from nichandle.commerce.orders.lifecycle import placing
from nichandle.commerce.orders.withdrawal import declaring

FIGURES = {
    "pay_within": placing.PAY_WITHIN,
    "withdrawal": period.WITHIN,
    "refund": period.REFUND_WITHIN,
    "contest": declaring.CONTEST_FOR,
}
