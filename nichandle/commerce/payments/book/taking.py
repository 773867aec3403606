"""
Money that a bank or a provider takes back, or gives again, and the promises that depend on it.

What was still to go back of money that was taken back is void, or its customer would have it twice.
When the money is given again the promise holds again. The caller holds the receivable's row.
"""

from uuid import uuid4

from nichandle.commerce.payments.book import booking, refunds
from nichandle.commerce.payments.book.booking import Source, enter, keep, state_of, told, write
from nichandle.commerce.payments.book.refunds import money_of, rooms_of_money
from nichandle.commerce.payments.models import Movement, Receivable, Refund
from nichandle.commerce.payments.signals import unsettled
from nichandle.commerce.payments.words import (
    BY_HAND,
    CANCELLED,
    CHARGEBACK,
    DONE,
    EXCESS,
    LOSS,
    PAYMENT,
    REGAINED,
    RELEASED,
    RETURNED,
    SENT,
    SETTLED,
    UNSENT,
    VOID,
    WAITING,
)
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money


def take_back(owed: Receivable, amount: Money, source: Source, *, act: Act) -> None:
    """
    Book money that a bank or a provider has taken back: a chargeback, a returned transfer.

    Taken first from what was paid, then from the credit; what had gone back to the customer
    already, or is on its way, is lost twice, and stands as a loss. What people were still to send
    back of the same money is not owed any more.
    """
    if told(owed, source, (CHARGEBACK, RETURNED, LOSS)):
        return
    units, before = booking.units_of(owed, amount), owed.state
    promised = _void_by_hand(owed, source, units, act=act)
    of_paid = min(units - promised, owed.paid_minor - owed.refunding_minor)
    of_credit = min(units - of_paid, owed.credit_minor)
    owed.paid_minor -= of_paid
    owed.credit_minor -= of_credit
    owed.state = state_of(owed)
    keep(owed)
    write(owed, CHARGEBACK, of_paid, source, act=act)
    write(owed, RETURNED, of_credit, source, act=act)
    write(owed, LOSS, units - of_paid - of_credit, source, act=act)
    enter("payment.taken_back", owed, amount, act=act)
    _tell(owed, before, act)


def give_again(owed: Receivable, amount: Money, source: Source, *, act: Act) -> list[Refund]:
    """
    Book money that was taken back and is given again, as after a dispute that was won.

    It first makes good a loss. Returns the refunds that hold again, for whoever sends them.
    """
    if told(owed, source, (PAYMENT, EXCESS, REGAINED)):
        return []
    units = booking.units_of(owed, amount)
    made_good = min(units, _lost(owed))
    write(owed, REGAINED, made_good, source, act=act)
    if units == made_good:
        enter("payment.received", owed, amount, act=act)
        return []
    credit, paid = owed.credit_minor, owed.paid_minor
    rest = Money.of_minor(units - made_good, owed.currency)
    booking.receive(owed, rest, source, act=act)
    # The rooms above were told, and may have changed the row.
    owed.refresh_from_db()
    rooms = {True: owed.credit_minor - credit, False: owed.paid_minor - paid}
    return _revive(owed, source, rooms, act=act)


def refuse(owed: Receivable, refund_id: int, why: str, *, act: Act) -> None:
    """Leave to people what a provider will not send; void what its customer has back already."""
    rows = Refund.objects.filter(pk=refund_id, receivable=owed, state__in=[WAITING, SENT])
    refund = rows.select_related("movement").first()
    if refund is None:
        return
    before = owed.state
    trouble = " ".join(filter(None, (refund.provider_ref, why)))
    # What people send is not the provider's any more.
    refund.state, refund.provider_ref, refund.trouble = BY_HAND, "", trouble[:300]
    refund.save(update_fields=["state", "provider_ref", "trouble"])
    over = min(refund.amount_minor, -rooms_of_money(owed)[money_of(refund.movement)])
    if over <= 0:
        return
    void = refunds.void(owed, refund, over, act=act)
    _correct(owed, void, act)
    owed.state = state_of(owed)
    keep(owed)
    _tell(owed, before, act)


def come_back(owed: Receivable, refund_id: int, why: str, *, act: Act) -> None:
    """Book that a refund which had left did not arrive; told twice, it is booked once."""
    rows = Refund.objects.filter(pk=refund_id, receivable=owed, state=DONE)
    refund = rows.exclude(provider_ref="").select_related("movement").first()
    if refund is None:
        return
    source = Source(refund.movement.means, f"refund:{refund.key}")
    if not refund.credit:
        owed.refunded_minor -= refund.amount_minor
        owed.state = state_of(owed)
        keep(owed)
    write(owed, UNSENT, refund.amount_minor, source, act=act)
    # The next time it leaves is another movement.
    refund.state, refund.done_at, refund.key, refund.came_back = SENT, None, uuid4(), True
    refund.save(update_fields=["state", "done_at", "key", "came_back"])
    enter("payment.refund_failed", owed, refund.amount, act=act)
    refuse(owed, refund.pk, why, act=act)


def _void_by_hand(owed: Receivable, source: Source, units: int, *, act: Act) -> int:
    """Void what the rest of this money does not cover; return how much of it was credit."""
    name = refunds.name_of_money(source)
    over, credit = min(units, units - rooms_of_money(owed)[name]), 0
    rows = Refund.objects.filter(receivable=owed, state=BY_HAND).select_related("movement")
    for refund in [each for each in rows.order_by("-pk") if money_of(each.movement) == name]:
        part = min(over, refund.amount_minor)
        if part > 0:
            refunds.void(owed, refund, part, act=act)
            over -= part
            credit += part if refund.credit else 0
    return credit


def _correct(owed: Receivable, void: Refund, act: Act) -> None:
    """Write what stood as a loss, because it seemed to have left, as taken from what is there."""
    source = Source(void.movement.means, f"refund:{void.key}")
    units = min(void.amount_minor, _lost(owed))
    write(owed, REGAINED, units, source, act=act)
    if void.credit:
        owed.credit_minor -= units
        write(owed, RETURNED, units, source, act=act)
        return
    owed.paid_minor -= units
    write(owed, CHARGEBACK, units, source, act=act)
    if owed.state == CANCELLED:
        free = owed.paid_minor - owed.refunding_minor
        owed.paid_minor -= free
        owed.credit_minor += free
        write(owed, RELEASED, free, source, act=act)


def _revive(owed: Receivable, source: Source, rooms: dict[bool, int], *, act: Act) -> list[Refund]:
    """Let void refunds of this money hold again, as far as it has come again."""
    revived, name = [], refunds.name_of_money(source)
    rooms[False] = min(rooms[False], owed.paid_minor - owed.refunding_minor)
    rows = Refund.objects.filter(receivable=owed, state=VOID).select_related("movement")
    for refund in [each for each in rows.order_by("pk") if money_of(each.movement) == name]:
        for credit in (True, False):
            units = min(refund.amount_minor, rooms[credit])
            if units <= 0 or refund in revived:
                continue
            rooms[credit] -= units
            part = refunds.split(refund, units)
            part.state, part.credit, part.key, part.trouble = BY_HAND, credit, uuid4(), ""
            part.save(update_fields=["state", "credit", "key", "trouble"])
            revived.append(part)
            owed.credit_minor -= units if credit else 0
            owed.refunding_minor += 0 if credit else units
            enter("payment.refund_asked", owed, part.amount, act=act)
    keep(owed)
    return revived


def _lost(owed: Receivable) -> int:
    """Return how much stands as a loss and was not made good."""
    moved = Movement.objects.filter(receivable=owed, kind__in=[LOSS, REGAINED])
    return sum(
        units if kind == LOSS else -units
        for kind, units in moved.values_list("kind", "amount_minor")
    )


def _tell(owed: Receivable, before: str, act: Act) -> None:
    if before == SETTLED != owed.state:
        unsettled.send(None, cause=owed.cause, receivable_id=owed.pk, now=act.now)
