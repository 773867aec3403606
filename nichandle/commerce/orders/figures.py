"""The figures that sentences name of this room: ``"orders.withdrawal"``."""

from nichandle.commerce.orders import period

FIGURES = {
    "withdrawal": period.WITHIN,
    "refund": period.REFUND_WITHIN,
}
