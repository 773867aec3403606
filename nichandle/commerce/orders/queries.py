"""Reading orders: one's list, one order, and what has become of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from nichandle.commerce.invoices.facts import Party, Totals
from nichandle.commerce.invoices.sales.quoting import Quote
from nichandle.commerce.orders import numbers
from nichandle.commerce.orders.models import Order, OrderEvent, OrderLine, Withdrawal
from nichandle.commerce.orders.words import DELIVERED, NOT_PAID, RUNNING, STATES
from nichandle.commerce.payments import queries as payments
from nichandle.commerce.payments.models import Receivable
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.paging import Page, page
from nichandle.platform.kernel.reading.questions import question
from nichandle.platform.kernel.wording.text import fold

SIZE = 25
MOST_IN_A_FILE = 10_000
TO_PAY_SHOWN = 3
PREFIX_END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which of one's orders are wanted; what no list knows wants everything."""

    text: str = ""
    state: str = ""

    @property
    def narrow(self) -> bool:
        return bool(self.text or self.state)


def mine(account_id: UUID, wanted: OrderFilter, *, after: str = "") -> Page[Order]:
    """Return one page of an account's orders with their lines, the newest first: two statements."""
    rows = _wanted(account_id, wanted).prefetch_related(_lines())
    return page(rows, by="-id", after=after, size=SIZE)


def all_mine(account_id: UUID, wanted: OrderFilter) -> Iterator[Order]:
    """Return the orders of a list for a file, the newest first, as far as a file goes."""
    rows = _wanted(account_id, wanted).order_by("-id")[:MOST_IN_A_FILE]
    return rows.prefetch_related(_lines()).iterator(chunk_size=500)


def _wanted(account_id: UUID, wanted: OrderFilter) -> QuerySet[Order]:
    rows = Order.objects.filter(account_id=account_id)
    if wanted.state in STATES:
        rows = rows.filter(state=wanted.state)
    if not wanted.text:
        return rows
    number = numbers.read(wanted.text)
    if number:
        return rows.filter(number=number)
    # A prefix is a range of bytes, which the index serves on both engines.
    start = fold(wanted.text)
    lines = OrderLine.objects.filter(
        account_id=account_id, name_folded__gte=start, name_folded__lt=start + PREFIX_END
    )
    return rows.filter(pk__in=lines.values("order"))


def _lines() -> "Prefetch[str, QuerySet[OrderLine], str]":
    return Prefetch("lines", OrderLine.objects.order_by("position"))


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """One order as its customer sees it."""

    order: Order
    lines: list[OrderLine]
    events: list[OrderEvent]
    withdrawal: Withdrawal | None
    owed: Receivable | None

    @property
    def missing(self) -> Money:
        """What is to be paid of it: also where a bank has taken money back since."""
        return self.owed.missing if self.owed else Money.zero(self.order.currency)

    @property
    def pay_number(self) -> str:
        """The number under which what is missing is paid; empty when nothing is, or it ends."""
        if self.owed is None or self.order.state not in {NOT_PAID, DELIVERED}:
            return ""
        return self.owed.number if self.missing.minor else ""

    @property
    def shown(self) -> list[tuple[OrderLine, Money]]:
        """The lines, each with its price before VAT."""
        return [(line, line.net_in(self.order.currency)) for line in self.lines]

    @property
    def holder(self) -> Party:
        """Who ordered, as it was then."""
        return Party.of_json(self.order.holder)

    @property
    def totals(self) -> Totals:
        return Quote.of_json(self.order.quote).totals


def seen(account_id: UUID, number: str) -> SeenOrder | None:
    """Return an order of an account; None also for one of somebody else."""
    order = Order.objects.filter(account_id=account_id, number=number).first()
    if order is None:
        return None
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    events = list(OrderEvent.objects.filter(order=order).order_by("-id")[:50])
    withdrawal = Withdrawal.objects.filter(order=order).first()
    return SeenOrder(order, lines, events, withdrawal, payments.of_cause(order.cause))


def standing_of_withdrawal(order: Order) -> str:
    """Say how far a withdrawal from an order is, for the operator; empty when there is none."""
    found = Withdrawal.objects.filter(order=order).first()
    if found is None:
        return ""
    if found.contested_at:
        return "contested"
    if found.done_at:
        return "done"
    return "waits for you" if found.held_at else "declared"


def lines_of(number: str) -> list[OrderLine]:
    """Return the lines of an order, with it, whoever's it is: for the operator."""
    rows = OrderLine.objects.filter(order__number=number).select_related("order")
    return list(rows.order_by("position"))


def own_open(account_id: UUID, chosen: list[str]) -> list[Order]:
    """Return which of these numbers are an account's orders that wait to be paid."""
    wanted = [number for number in chosen[:SIZE] if numbers.NUMBER.match(number)]
    rows = Order.objects.filter(account_id=account_id, number__in=wanted, state=NOT_PAID)
    return list(rows.order_by("pk"))


@question
def to_pay_asked(account_id: UUID) -> QuerySet[Order]:
    """The newest orders of an account that wait to be paid."""
    rows = Order.objects.filter(account_id=account_id, state=NOT_PAID)
    return rows.order_by("-id")[:TO_PAY_SHOWN]


def _may_withdraw(now: datetime) -> Q:
    """Say of which orders something can be withdrawn from: running, in time, not all excepted."""
    return Q(state__in=RUNNING, withdrawable_until__gt=now, lines__withdrawable=True)


def may_withdraw(order: Order, *, now: datetime) -> bool:
    """Tell whether something of an order can be withdrawn from now."""
    if order.withdrawable_until is None:
        return False
    return Order.objects.filter(_may_withdraw(now), pk=order.pk).exists()


def withdrawable(account_id: UUID, *, now: datetime) -> list[Order]:
    """Return the orders of an account that it may still withdraw from, the newest first."""
    rows = Order.objects.filter(_may_withdraw(now), account_id=account_id)
    untouched = rows.filter(Q(withdrawal=None) | Q(withdrawal__contested_at__isnull=False))
    return list(untouched.distinct().order_by("-id").prefetch_related(_lines())[:SIZE])
