"""What a statement says, whatever form it came in, and what keeps one from being taken."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.money import Money

LARGEST = 10 * 1024 * 1024
"""Bytes of the largest file that is read."""
MOST_LINES = 20_000


class StatementRefused(Refused):
    """A file that is not taken, as a whole: nothing of it is booked."""

    code = "statement.refused"
    message = _("This statement is not taken: %(why)s")

    def __init__(self, why: str | Promise) -> None:
        super().__init__(why=why)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """
    One movement on our account; ``amount`` is negative for money that left.

    ``key`` tells it from all others of the account, also when it comes again in another file.
    ``returned`` says that the bank took it back, or gave it back: a returned transfer, a reversal.
    """

    key: str
    amount: Money
    booked_on: date
    reference: str = ""
    text: str = ""
    name: str = ""
    iban: str = ""
    end_to_end: str = ""
    returned: bool = False


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One statement of one account: its name is the account's IBAN and the bank's own number."""

    iban: str
    number: str
    currency: str
    lines: Sequence[StatementLine] = field(default_factory=tuple)
    opening: Money | None = None
    closing: Money | None = None


def check_balances(statement: BankStatement) -> None:
    """
    Compare opening, lines and closing.

    :raises StatementRefused: when they do not add up to the last cent, or are not in one currency
    """
    if statement.opening is None or statement.closing is None:
        return
    total = statement.opening
    others = {
        each.currency for each in (statement.closing, *(line.amount for line in statement.lines))
    }
    if others != {total.currency}:
        raise StatementRefused(
            _("its account is in %(currency)s, but it has an amount in another currency.")
            % {"currency": total.currency}
        )
    for line in statement.lines:
        total = total + line.amount
    if total != statement.closing:
        raise StatementRefused(
            _("opening balance and lines come to %(sum)s, the closing balance says %(said)s.")
            % {
                "sum": f"{total.amount} {total.currency}",
                "said": f"{statement.closing.amount} {statement.closing.currency}",
            }
        )


def money(text: str, currency: str) -> Money:
    """
    Read an amount as a bank writes it.

    :raises StatementRefused: when it is none, or not of whole smallest units
    """
    try:
        read = Money(Decimal(text), currency)
        if read.amount.is_finite() and abs(read.amount) < 10**15:
            return Money.of_minor(read.minor, currency)
    except (ArithmeticError, ValueError):
        pass
    raise StatementRefused(_("“%(text)s” is no amount.") % {"text": text[:40]})


def day(text: str) -> date:
    """:raises StatementRefused: when it is no date"""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise StatementRefused(_("“%(text)s” is no date.") % {"text": text[:40]}) from None
