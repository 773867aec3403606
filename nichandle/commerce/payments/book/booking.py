"""
Money that comes for what is owed: the row is locked, then it is decided, then written, once.

Everything here is told what a source says: a provider's payment, a line of a bank statement. From
one source the same movement is written once. The caller holds the receivable's row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nichandle.commerce.payments.errors import ReceivableNotFound
from nichandle.commerce.payments.models import Movement, PaymentTry, Receivable, Share
from nichandle.commerce.payments.signals import settled
from nichandle.commerce.payments.words import (
    BEGUN,
    CANCELLED,
    EXCESS,
    OPEN,
    PARTLY,
    PAYMENT,
    REFUNDED,
    SETTLED,
    TRANSFER,
    MovementKind,
    StateName,
)
from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.audit.operations import record
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Source:
    """What a movement was learnt from: the ``means``, and its name there, such as ``test:4711``."""

    means: str
    name: str


class Write(Protocol):
    """Books an amount for a receivable whose row the caller holds."""

    def __call__(self, owed: Receivable, amount: Money, source: Source, *, act: Act) -> None: ...


def lock(cause: str) -> Receivable | None:
    """Lock what is owed for a cause until the transaction ends; None when nothing ever was."""
    return locked(Receivable.objects.filter(cause=cause)).first()


def lock_by_id(receivable_id: int) -> Receivable:
    """
    Lock a receivable until the transaction ends.

    :raises ReceivableNotFound: when there is none
    """
    found = locked(Receivable.objects.filter(pk=receivable_id)).first()
    if found is None:
        raise ReceivableNotFound
    return found


def lock_all(receivable_ids: Iterable[int]) -> list[Receivable]:
    """Lock several receivables until the transaction ends, in one order for everybody."""
    rows = Receivable.objects.filter(pk__in=list(receivable_ids)).order_by("pk")
    return list(locked(rows))


def receive(owed: Receivable, amount: Money, source: Source, *, act: Act) -> None:
    """
    Book money that has come in: what is owed is paid with it, the rest is the account's credit.

    What comes for something cancelled, or paid already, is credit altogether.

    :raises CurrencyMismatch: in another currency
    """
    if told(owed, source, (PAYMENT, EXCESS)):
        return
    units = units_of(owed, amount)
    applied = min(units, owed.missing_minor)
    before = owed.state
    owed.paid_minor += applied
    owed.credit_minor += units - applied
    owed.means = source.means if applied else owed.means
    owed.state = state_of(owed)
    if owed.state == SETTLED != before:
        owed.settled_at = act.now
    keep(owed)
    write(owed, PAYMENT, applied, source, act=act)
    write(owed, EXCESS, units - applied, source, act=act)
    if owed.state == SETTLED != before:
        settled.send(None, cause=owed.cause, receivable_id=owed.pk, now=act.now)
        have_closed(owed, now=act.now)
    enter("payment.received", owed, amount, act=act)


def have_closed(owed: Receivable, *, now: datetime) -> None:
    """Have the worker close other pages on which the same could be paid again."""
    if open_beside(owed):
        key = f"payments.close {owed.pk}"
        enqueue("payments.close", {"receivable": owed.pk}, now=now, unique_key=key)


def open_beside(owed: Receivable) -> list[PaymentTry]:
    """Return the payments that were begun at a provider for something, and never finished."""
    shares = Share.objects.filter(receivable=owed).values("payment")
    rows = PaymentTry.objects.filter(pk__in=shares, state=BEGUN).exclude(provider=TRANSFER)
    return list(rows.exclude(provider_ref="").order_by("pk"))


def state_of(owed: Receivable) -> StateName:
    """Return the state that the sums say; what is cancelled stays so."""
    if owed.state == CANCELLED:
        return CANCELLED
    if owed.paid_minor == owed.amount_minor:
        # What was paid in part and went back is still to be paid.
        return REFUNDED if owed.paid_minor and owed.refunded_minor == owed.paid_minor else SETTLED
    return PARTLY if owed.paid_minor else OPEN


def keep(owed: Receivable) -> None:
    """Write the sums and the state of a receivable; the database refuses what cannot be."""
    owed.save(
        update_fields=[
            "amount_minor",
            "paid_minor",
            "refunding_minor",
            "refunded_minor",
            "credit_minor",
            "state",
            "means",
            "settled_at",
        ]
    )


def units_of(owed: Receivable, amount: Money) -> int:
    """
    Return an amount in the receivable's smallest units.

    :raises CurrencyMismatch: in another currency
    """
    return (Money.zero(owed.currency) + amount).minor


def write(owed: Receivable, kind: MovementKind, units: int, source: Source, *, act: Act) -> None:
    """Write one movement, where anything moved."""
    if units:
        Movement.objects.create(
            receivable=owed,
            kind=kind,
            amount_minor=units,
            means=source.means,
            source=source.name,
            at=act.now,
            by=act.by,
        )


def enter(name: LedgerAct, owed: Receivable, amount: Money, *, act: Act) -> None:
    """Enter a movement in the account's ledger."""
    record(
        name,
        account_id=owed.account_id,
        act=act,
        payment=owed.number,
        amount=f"{amount.amount} {amount.currency}",
        title=owed.title,
    )


def told(owed: Receivable, source: Source, kinds: Iterable[str]) -> bool:
    """Tell whether this source has been booked here before."""
    told = Movement.objects.filter(receivable=owed, source=source.name, kind__in=list(kinds))
    return told.exists()
