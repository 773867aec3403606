"""A document as accounting sees it: issued, and in the seller's currency."""

from dataclasses import dataclass
from datetime import date

from nichandle.commerce.invoices.facts import Document
from nichandle.platform.kernel.money import Money

HOME = "EUR"
"""The currency of French books and returns: Code de commerce, L123-22; CGI, article 266."""


class RateNotNamed(Exception):
    """A document in another currency names no rate, so it cannot be booked in euros."""

    def __init__(self, number: str, currency: str) -> None:
        super().__init__(f"{number} is in {currency} and names no rate of exchange to {HOME}.")


@dataclass(frozen=True, slots=True)
class Issued:
    """
    A document with its number and date.

    ``paid_on`` is when it was paid whole, for a credit note when what it corrects was.
    """

    number: str
    on: date
    document: Document
    paid_on: date | None = None

    @property
    def sign(self) -> int:
        """-1 for a credit note, whose amounts are written as positive ones."""
        return -1 if self.document.kind == "credit_note" else 1

    def at_home(self, amount: Money) -> Money:
        """
        Return an amount of the document in euros, rounded to the cent.

        :raises RateNotNamed: when the document names no rate
        """
        if amount.currency == HOME:
            return amount
        conversion = self.document.conversion
        if conversion is None or conversion.tax.currency != HOME:
            raise RateNotNamed(self.number, amount.currency)
        return Money(amount.amount * conversion.rate, HOME).rounded()
