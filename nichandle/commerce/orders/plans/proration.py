"""
What a change of plan costs, to the day.

The days that are left of the period are charged at the new price and credited at the price that
was paid: docs/algorithms/plans.md has worked tables, which the tests read.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nichandle.commerce.orders.months import months_before
from nichandle.platform.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Proration:
    """``left`` of ``days`` days; amounts before tax, rounded once each, halves away from zero."""

    left: int
    days: int
    charge: Money
    credit: Money

    @property
    def due(self) -> Money:
        return self.charge - self.credit


def prorate(*, paid: Money, price: Money, months: int, expiry: date, on: date) -> Proration:
    """
    Return the figures of a change on a day; that day counts as one of the new plan.

    ``paid`` and ``price`` are for a whole period of ``months``. Before the period begins, as when
    it was renewed early, no more than one whole period is reckoned with.
    """
    days = (expiry - months_before(expiry, months)).days
    left = min(max((expiry - on).days, 0), days)
    share = Decimal(left) / Decimal(days)
    return Proration(left, days, (price * share).rounded(), (paid * share).rounded())
