"""
What is owed: asked for, changed, cancelled, paid back.

Rows are locked in the order of the house: receivables, what the rooms above keep, ledgers.
"""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from nichandle.commerce.payments import paying, references
from nichandle.commerce.payments.book import booking, refunds
from nichandle.commerce.payments.book.booking import Source
from nichandle.commerce.payments.errors import AmountBelowPaid, MoreThanPaid, ReceivableNotFound
from nichandle.commerce.payments.models import Receivable
from nichandle.commerce.payments.providers import sending
from nichandle.commerce.payments.signals import settled
from nichandle.commerce.payments.words import CANCELLED, OPEN, PARTLY, RELEASED, SETTLED
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money


def ask(
    *,
    account_id: UUID,
    handle: str,
    cause: str,
    amount: Money,
    title: str,
    due_date: date,
    now: datetime,
) -> Receivable:
    """
    Ask an account for money, once for each cause; asked again, the first stands.

    ``title`` is what the customer reads on the page of payment, in their language.
    """
    found = Receivable.objects.filter(cause=cause).first()
    if found is not None:
        return found
    return Receivable.objects.create(
        number=references.draw(paying.taken),
        account_id=account_id,
        handle=handle,
        cause=cause,
        title=title,
        currency=amount.currency,
        amount_minor=amount.minor,
        due_date=due_date,
        created_at=now,
    )


def hold(cause: str) -> None:
    """
    Lock what is owed for a cause until the transaction ends.

    For rooms above, before they lock rows of their own and then call an operation of this room:
    money that comes in meanwhile takes its receivable first and theirs after.
    """
    booking.lock(cause)


@transaction.atomic
def change_amount(cause: str, amount: Money, *, now: datetime) -> None:
    """
    Change what is owed before it is paid; money that came before counts.

    :raises ReceivableNotFound: when nothing is owed for the cause, or no more
    :raises AmountBelowPaid: when more is paid already
    """
    owed = _lock(cause)
    if owed.state not in {OPEN, PARTLY}:
        raise ReceivableNotFound
    if amount < owed.paid:
        raise AmountBelowPaid
    owed.amount_minor = amount.minor
    owed.state = booking.state_of(owed)
    if owed.state == SETTLED:
        owed.settled_at = now
    booking.keep(owed)
    if owed.state == SETTLED:
        settled.send(None, cause=cause, receivable_id=owed.pk, now=now)
        booking.have_closed(owed, now=now)


@transaction.atomic
def cancel(cause: str, *, now: datetime) -> None:
    """
    Ask no longer for what is owed; what came in of it becomes the account's credit.

    One that is paid altogether is not cancelled: that money goes back by ``refund``.
    """
    owed = booking.lock(cause)
    if owed is None or owed.state not in {OPEN, PARTLY}:
        return
    free = owed.paid_minor - owed.refunding_minor
    owed.paid_minor -= free
    owed.credit_minor += free
    owed.state = CANCELLED
    booking.keep(owed)
    booking.have_closed(owed, now=now)
    act = Act.by_itself(now)
    if free:
        booking.enter("payment.released", owed, Money.of_minor(free, owed.currency), act=act)
    for movement, room in refunds.rooms(owed, refunds.OF_PAID):
        part = min(room, free)
        free -= part
        source = Source(movement.means, movement.source)
        booking.write(owed, RELEASED, part, source, act=act)


@transaction.atomic
def refund(cause: str, amount: Money, *, reason: str, act: Act) -> None:
    """
    Send back what was paid for a cause, or a part of it, by the means it came with.

    :raises ReceivableNotFound: when nothing was ever owed for the cause
    :raises MoreThanPaid: when less than that was paid, or it has gone back already
    """
    owed = _lock(cause)
    free = Money.of_minor(owed.paid_minor - owed.refunding_minor, owed.currency)
    if free < amount or amount.minor <= 0:
        raise MoreThanPaid
    owed.refunding_minor += amount.minor
    booking.keep(owed)
    written = refunds.promise(owed, amount.minor, refunds.OF_PAID, reason=reason, act=act)
    sending.hand_on(written, act=act)
    booking.enter("payment.refund_asked", owed, amount, act=act)


@transaction.atomic
def give_back_credit(receivable_id: int, *, act: Act) -> None:
    """
    Send back what came in beyond what was owed, or too late.

    :raises MoreThanPaid: when there is no credit
    """
    owed = booking.lock_by_id(receivable_id)
    if not owed.credit_minor:
        raise MoreThanPaid
    amount, owed.credit_minor = owed.credit, 0
    booking.keep(owed)
    written = refunds.promise(owed, amount.minor, refunds.OF_CREDIT, reason="credit", act=act)
    sending.hand_on(written, act=act)
    booking.enter("payment.refund_asked", owed, amount, act=act)


def _lock(cause: str) -> Receivable:
    owed = booking.lock(cause)
    if owed is None:
        raise ReceivableNotFound
    return owed
