"""What is read of what is owed."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from nichandle.commerce.payments.models import (
    BankLine,
    Movement,
    PaymentTry,
    Receivable,
    Refund,
    Saving,
    Share,
)
from nichandle.commerce.payments.references import reference_of as reference_for
from nichandle.commerce.payments.words import (
    BY_HAND,
    FROM_STATEMENT,
    LINE_WAITING,
    OPEN,
    PARTLY,
    PAYMENT,
)
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.money import Money

MOST_LINES = 200
MOST_BESIDE = 20
"""What is offered to be paid together on one page."""


def of_cause(cause: str) -> Receivable | None:
    """Return what is owed for a cause; None when nothing ever was."""
    return Receivable.objects.filter(cause=cause).first()


def mine(account_id: UUID, number: str) -> Receivable | None:
    """Return an account's own receivable by its number; None for another's."""
    return Receivable.objects.filter(number=number, account_id=account_id).first()


def means_of(cause: str) -> str:
    """Name the means by which a cause was paid last; empty when nothing has come in."""
    found = Receivable.objects.filter(cause=cause).values_list("means", flat=True).first()
    return found or ""


def banked_on(cause: str) -> date | None:
    """Return the day a bank booked the last payment for a cause; None if no statement told it."""
    paid = Movement.objects.filter(receivable__cause=cause, kind=PAYMENT).order_by("-pk").first()
    if paid is None or not paid.source.startswith(FROM_STATEMENT):
        return None
    key = paid.source.removeprefix(FROM_STATEMENT)
    return BankLine.objects.filter(key=key).values_list("booked_on", flat=True).first()


def number_of(cause: str) -> str:
    """Return the number of what is owed for a cause, for its page; empty when nothing is."""
    found = Receivable.objects.filter(cause=cause).values_list("number", flat=True).first()
    return found or ""


def reference_of(cause: str) -> str:
    """Return the creditor reference for a cause; empty when nothing is owed."""
    number = number_of(cause)
    return reference_for(number) if number else ""


def open_beside(owed: Receivable) -> list[Receivable]:
    """Return what else the same account can pay in the same currency, oldest first."""
    rows = Receivable.objects.filter(
        account_id=owed.account_id, currency=owed.currency, state__in=[OPEN, PARTLY]
    )
    return list(rows.exclude(pk=owed.pk).order_by("pk")[:MOST_BESIDE])


def movements(owed: Receivable) -> list[Movement]:
    """Return what moved for a receivable, oldest first."""
    rows = Movement.objects.filter(receivable=owed).order_by("pk")
    return list(rows.select_related("receivable"))


def payment_of(account_id: UUID, number: str) -> PaymentTry | None:
    """Return an account's own payment by its number; None for another's."""
    return PaymentTry.objects.filter(number=number, account_id=account_id).first()


def saving_of(account_id: UUID, number: str) -> Saving | None:
    """Return an account's own try to save a means by its number; None for another's."""
    return Saving.objects.filter(number=number, account_id=account_id).first()


def saving_of_secret(secret: str) -> Saving | None:
    """Return the saving of a page of the test provider; None when there is none."""
    return Saving.objects.filter(provider="test", provider_ref=tokens.digest(secret)).first()


def paid_by(payment: PaymentTry) -> list[Receivable]:
    """Return what a payment is for."""
    shares = Share.objects.filter(payment=payment).order_by("receivable")
    return [share.receivable for share in shares.select_related("receivable")]


def last_try(owed: Receivable) -> PaymentTry | None:
    """Return the newest payment for a receivable; None when nobody has tried one."""
    shares = Share.objects.filter(receivable=owed).order_by("-payment")
    newest = shares.select_related("payment").first()
    return newest.payment if newest else None


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one transfer pays: its reference, how much, and for what."""

    reference: str
    missing: Money
    titles: list[str]
    back_to: str


def to_transfer(account_id: UUID, number: str) -> Transfer | None:
    """Return what a transfer of this number pays; None for another's."""
    owed = mine(account_id, number)
    if owed is not None:
        return Transfer(owed.reference, owed.missing, [owed.title], owed.number)
    payment = payment_of(account_id, number)
    if payment is None or payment.provider != "transfer":
        return None
    several = paid_by(payment)
    missing = sum(each.missing_minor for each in several)
    return Transfer(
        payment.reference,
        Money.of_minor(missing, payment.currency),
        [each.title for each in several],
        several[0].number,
    )


def free_of(cause: str) -> int:
    """Return how much of a cause was paid and is not going back, in smallest units."""
    found = of_cause(cause)
    return found.paid_minor - found.refunding_minor if found else 0


def missing_of(cause: str, currency: str) -> Money:
    """Return how much of a cause is still to be paid; nothing where nothing is owed, or no more."""
    found = of_cause(cause)
    return found.missing if found else Money.zero(currency)


def outstanding_refunds(cause: str) -> int:
    """Return how much of a cause is still to go back, in smallest units."""
    found = of_cause(cause)
    return found.refunding_minor - found.refunded_minor if found else 0


def waiting_lines(*, whole: bool = False) -> list[BankLine]:
    """Return the lines of statements that wait for somebody, oldest first; all, or a page."""
    rows = BankLine.objects.filter(state=LINE_WAITING).order_by("pk")
    return list(rows if whole else rows[:MOST_LINES])


def decided_lines() -> list[BankLine]:
    """Return the lines that people decided last."""
    rows = BankLine.objects.exclude(by="").select_related("receivable")
    return list(rows.order_by("-decided_at", "-pk")[:20])


def bank_line(line_id: int) -> BankLine | None:
    """Return a line of a statement; None when there is none."""
    return BankLine.objects.filter(pk=line_id).select_related("receivable").first()


class ByHand(NamedTuple):
    """A refund that people send at the bank, and the line its money came with, if one did."""

    refund: Refund
    line: BankLine | None


def refunds_by_hand() -> list[ByHand]:
    """Return the refunds that people send at the bank, oldest first."""
    rows = Refund.objects.filter(state=BY_HAND).select_related("receivable", "movement")
    found = list(rows.order_by("pk")[:MOST_LINES])
    keys = [refund.movement.source.removeprefix(FROM_STATEMENT) for refund in found]
    lines = {line.key: line for line in BankLine.objects.filter(key__in=keys)}
    return [ByHand(refund, lines.get(key)) for refund, key in zip(found, keys, strict=True)]


def credits_waiting() -> list[Receivable]:
    """Return where more has come in than was owed, oldest first."""
    return list(Receivable.objects.filter(credit_minor__gt=0).order_by("pk")[:MOST_LINES])
