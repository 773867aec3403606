"""
Money that goes back by the means it came with.

It is promised first, so that nothing goes back twice, and written as a movement when it has left.
A transfer is sent by people: the desk says when it has been.
"""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Sum

from nichandle.commerce.payments.book.booking import Source, enter, keep, state_of, write
from nichandle.commerce.payments.models import Movement, Receivable, Refund
from nichandle.commerce.payments.signals import refunded
from nichandle.commerce.payments.words import (
    BY_HAND,
    CHARGEBACK,
    DONE,
    EXCESS,
    LOSS,
    PAYMENT,
    REFUND,
    REGAINED,
    RELEASED,
    RETURNED,
    TRANSFER,
    VOID,
)
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.money import Money


def promise(
    owed: Receivable, units: int, kinds: Sequence[str], *, reason: str, act: Act
) -> list[Refund]:
    """Write what is to go back, newest money first; the caller has seen that there is as much."""
    written, left = [], units
    still = rooms_of_money(owed)
    # First money that is still there, whatever it was booked as.
    for wanted, bounded in ((kinds, True), ((*OF_PAID, *OF_CREDIT), True), (kinds, False)):
        for movement, room in rooms(owed, wanted):
            name = money_of(movement)
            part = min(left, room, max(still[name], 0) if bounded else room)
            if part > 0:
                credit = kinds == OF_CREDIT
                written.append(_write(owed, movement, part, credit, reason=reason, act=act))
            part = max(part, 0)
            still[name] -= part
            left -= part
    assert not left, f"{owed.number}: {left} more to go back than ever came"
    return written


def rooms(owed: Receivable, kinds: Sequence[str]) -> list[tuple[Movement, int]]:
    """Return the movements of these kinds, newest first, and how much of each has not gone back."""
    gone = dict(
        Refund.objects.filter(receivable=owed)
        .exclude(state=VOID)
        .values_list("movement")
        .annotate(total=Sum("amount_minor"))
    )
    found = Movement.objects.filter(receivable=owed, kind__in=kinds).order_by("-pk")
    return [(each, each.amount_minor - gone.get(each.pk, 0)) for each in found]


def rooms_of_money(owed: Receivable) -> Counter[str]:
    """
    Return how much of each payment's money was neither taken back nor sent back, or promised.

    Below zero where a provider took back what was on its way to the customer. That a transfer
    stands as a loss is final: people know that they have sent it.
    """
    left: Counter[str] = Counter()
    for each in Movement.objects.filter(receivable=owed):
        if each.kind in {PAYMENT, EXCESS, REGAINED}:
            left[money_of(each)] += each.amount_minor
        elif each.kind in {CHARGEBACK, RETURNED} or (each.kind == LOSS and each.means != TRANSFER):
            left[money_of(each)] -= each.amount_minor
    promised = Refund.objects.filter(receivable=owed).exclude(state=VOID)
    for refund in promised.select_related("movement"):
        left[money_of(refund.movement)] -= refund.amount_minor
    return left


def money_of(movement: Movement) -> str:
    """Name the payment that a movement belongs to."""
    return name_of_money(Source(movement.means, movement.source))


def name_of_money(source: Source) -> str:
    """
    Name the payment at a provider that a source belongs to; transfers are one, as banks name none.

    What this room writes itself belongs to no payment.
    """
    first, _colon, rest = source.name.partition(":")
    if first == "refund":
        return ""
    return TRANSFER if source.means == TRANSFER else f"{first}:{rest.partition(':')[0]}"


def void(owed: Receivable, refund: Refund, units: int, *, act: Act) -> Refund:
    """Void a refund that has not left, or a part of it; the caller keeps the receivable's sums."""
    part = split(refund, units)
    part.state = VOID
    part.save(update_fields=["state"])
    if part.credit:
        owed.credit_minor += units
    else:
        owed.refunding_minor -= units
    enter("payment.refund_void", owed, part.amount, act=act)
    return part


def split(refund: Refund, units: int) -> Refund:
    """Take a part of a refund off it, as one of its own; all of it is the refund itself."""
    if units == refund.amount_minor:
        return refund
    refund.amount_minor -= units
    refund.save(update_fields=["amount_minor"])
    return Refund.objects.create(
        receivable=refund.receivable,
        movement=refund.movement,
        amount_minor=units,
        credit=refund.credit,
        state=refund.state,
        reason=refund.reason,
        trouble=refund.trouble,
        came_back=refund.came_back,
        asked_at=refund.asked_at,
        by=refund.by,
    )


def _write(
    owed: Receivable, movement: Movement, units: int, credit: bool, *, reason: str, act: Act
) -> Refund:
    return Refund.objects.create(
        receivable=owed,
        movement=movement,
        amount_minor=units,
        credit=credit,
        state=BY_HAND,
        reason=reason[:200],
        asked_at=act.now,
        by=act.by,
    )


def complete(owed: Receivable, refund_id: int, *, act: Act) -> None:
    """Note that money has left; told twice, it is noted once. The caller holds the receivable."""
    refund = locked(
        Refund.objects.filter(pk=refund_id, receivable=owed).exclude(state__in=[DONE, VOID])
    )
    found = refund.select_related("movement").first()
    if found is None:
        return
    found.state, found.done_at, found.trouble = DONE, act.now, ""
    found.save(update_fields=["state", "done_at", "trouble"])
    source = Source(found.movement.means, f"refund:{found.key}")
    units = found.amount_minor
    if found.credit:
        write(owed, RETURNED, units, source, act=act)
    else:
        owed.refunded_minor += units
        owed.state = state_of(owed)
        keep(owed)
        write(owed, REFUND, units, source, act=act)
        refunded.send(
            None,
            cause=owed.cause,
            receivable_id=owed.pk,
            amount_minor=units,
            currency=owed.currency,
            again=found.came_back,
            now=act.now,
        )
    enter("payment.refunded", owed, Money.of_minor(units, owed.currency), act=act)


OF_PAID: Sequence[str] = (PAYMENT,)
OF_CREDIT: Sequence[str] = (EXCESS, RELEASED)
