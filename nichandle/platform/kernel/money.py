"""Money: an exact amount in a currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency, get_currency_precision


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies were put together: a bug, never a refusal."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount; ``currency`` is an ISO 4217 code."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._alike(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._alike(other).amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._alike(other).amount

    def rounded(self) -> "Money":
        """Round to the currency's smallest unit, halves away from zero."""
        step = Decimal(1).scaleb(-get_currency_precision(self.currency))
        return Money(self.amount.quantize(step, ROUND_HALF_UP), self.currency)

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> "Money":
        """Read what is stored: ``minor`` are whole smallest units, such as cents (ISO 4217)."""
        return cls(Decimal(minor).scaleb(-get_currency_precision(currency)), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls.of_minor(0, currency)

    @property
    def minor(self) -> int:
        """
        The amount in whole smallest units, as it is stored and as banks and Stripe count.

        :raises ValueError: when it is not rounded: what is stored was rounded where a rule says so
        """
        units = self.amount.scaleb(get_currency_precision(self.currency))
        if units != units.to_integral_value():
            raise ValueError(f"{self.amount} {self.currency} is not rounded")
        return int(units)

    def shown(self, language: str) -> str:
        """Write it as a reader of ``language`` expects, such as "1 234,50 €"."""
        return str(format_currency(self.amount, self.currency, locale=language))

    def _alike(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other
