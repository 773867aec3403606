"""
Money that goes back by the means it came with.

It is promised first, so that nothing goes back twice, and written as a movement when it has left.
A transfer is sent by people: the desk says when it has been.
"""

from collections.abc import Sequence

from django.db.models import Sum

from nichandle.commerce.payments.book.booking import Source, enter, keep, state_of, write
from nichandle.commerce.payments.models import Movement, Receivable, Refund
from nichandle.commerce.payments.signals import refunded
from nichandle.commerce.payments.words import (
    BY_HAND,
    DONE,
    EXCESS,
    PAYMENT,
    REFUND,
    RELEASED,
    RETURNED,
)
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.money import Money


def promise(
    owed: Receivable, units: int, kinds: Sequence[str], *, reason: str, act: Act
) -> list[Refund]:
    """Write what is to go back, newest money first; the caller has seen that there is as much."""
    written, left = [], units
    for movement, room in rooms(owed, kinds):
        part = min(left, room)
        if part:
            written.append(_write(owed, movement, part, reason=reason, act=act))
        left -= part
    assert not left, f"{owed.number}: {left} more to go back than ever came"
    return written


def rooms(owed: Receivable, kinds: Sequence[str]) -> list[tuple[Movement, int]]:
    """Return the movements of these kinds, newest first, and how much of each has not gone back."""
    gone = dict(
        Refund.objects.filter(receivable=owed)
        .values_list("movement")
        .annotate(total=Sum("amount_minor"))
    )
    found = Movement.objects.filter(receivable=owed, kind__in=kinds).order_by("-pk")
    return [(each, each.amount_minor - gone.get(each.pk, 0)) for each in found]


def _write(owed: Receivable, movement: Movement, units: int, *, reason: str, act: Act) -> Refund:
    return Refund.objects.create(
        receivable=owed,
        movement=movement,
        amount_minor=units,
        credit=movement.kind in {EXCESS, RELEASED},
        state=BY_HAND,
        reason=reason[:200],
        asked_at=act.now,
        by=act.by,
    )


def complete(owed: Receivable, refund_id: int, *, act: Act) -> None:
    """Note that money has left; told twice, it is noted once. The caller holds the receivable."""
    refund = locked(Refund.objects.filter(pk=refund_id, receivable=owed).exclude(state=DONE))
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
            now=act.now,
        )
    enter("payment.refunded", owed, Money.of_minor(units, owed.currency), act=act)


OF_PAID: Sequence[str] = (PAYMENT,)
OF_CREDIT: Sequence[str] = (EXCESS, RELEASED)
