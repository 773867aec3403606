"""What can be ordered, as plain values: families, products, prices, questions and terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.money import Money

VatClass = Literal["electronic", "telecom", "goods", "advice"]
Rule = Literal["domain", "host", "label", "email", "choice"]
RefundRule = Literal["none", "unused", "whole"]


class ProductNotOffered(Refused):
    code = "catalogue.product_not_offered"
    message = _("This product is not offered. Choose another one.")
    status = 404


class PriceNotOffered(Refused):
    code = "catalogue.price_not_offered"
    field = "period"
    message = _("This product is not offered for this period. Choose another one.")


@dataclass(frozen=True, slots=True)
class Text:
    """One text by language, the one that was written first leading."""

    words: Mapping[str, str]

    def said(self, language: str) -> str:
        """Return it in ``language`` (a BCP 47 tag), else as it was written first."""
        found = self.words.get(language) or self.words.get(language.partition("-")[0])
        return found or next(iter(self.words.values()), "")


@dataclass(frozen=True, slots=True)
class Family:
    """Products that stand on one page; ``code`` is the ``Service.product`` they become."""

    code: str
    name: Text
    description: Text


@dataclass(frozen=True, slots=True)
class Price:
    """
    What a period costs from a day on, before VAT.

    ``setup`` is paid once, with the first period. ``period_months`` is 1 to 36.
    """

    since: date
    period_months: int
    amount: Money
    setup: Money


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the answers a question of rule ``choice`` has."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class ProductQuestion:
    """
    What delivery must know; ``questions.answer`` judges and normalises what is answered.

    ``suffixes`` (``.fr``) are those a name of rule ``domain`` may end with; none allows any.
    """

    code: str
    label: Text
    help: Text
    rule: Rule
    required: bool = True
    choices: tuple[Alternative, ...] = ()
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Conditions an order accepts; another text is another version."""

    code: str
    version: str
    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class WithdrawalPolicy:
    """Whether consumers may withdraw (article L221-18), else what the law excepts (L221-28)."""

    allowed: bool
    reason: Text


@dataclass(frozen=True, slots=True)
class RefundPolicy:
    """
    What comes back when a service ends early, the right of withdrawal aside.

    ``none`` nothing, ``unused`` the days that were paid and not used, ``whole`` all of it within
    ``days`` days of delivery, then nothing.
    """

    rule: RefundRule
    days: int
    text: Text


@dataclass(frozen=True, slots=True)
class Product:
    """
    One thing that is sold.

    ``upgrades`` happen at once, ``downgrades`` at the next renewal; both are codes of products, and
    ``terms`` are codes too. The first answer to a question names the service. What is not
    ``lasting`` is bought once and becomes no service: its price is that of one month. What is not
    ``offered`` any more is kept for those who have it.
    """

    code: str
    family: str
    name: Text
    summary: Text
    features: tuple[Text, ...]
    vat_class: VatClass
    prices: tuple[Price, ...]
    questions: tuple[ProductQuestion, ...]
    terms: tuple[str, ...]
    withdrawal: WithdrawalPolicy
    refund: RefundPolicy
    upgrades: tuple[str, ...] = ()
    downgrades: tuple[str, ...] = ()
    lasting: bool = True
    offered: bool = True

    def price(self, period_months: int, currency: str, on: date) -> Price:
        """
        Return what a period costs on a day.

        :raises PriceNotOffered: when it is not sold for this period, in this currency, on this day
        """
        for price in self._in_force(currency, on):
            if price.period_months == period_months:
                return price
        raise PriceNotOffered

    def periods(self, currency: str, on: date) -> tuple[int, ...]:
        """Return the periods in months it is sold for on a day, the shortest first."""
        return tuple(sorted(price.period_months for price in self._in_force(currency, on)))

    def _in_force(self, currency: str, on: date) -> tuple[Price, ...]:
        """Return the newest tariff that has begun: it replaces the one before as a whole."""
        begun = [
            price
            for price in self.prices
            if price.amount.currency == currency and price.since <= on
        ]
        newest = max((price.since for price in begun), default=None)
        return tuple(price for price in begun if price.since == newest)


@dataclass(frozen=True)
class Catalogue:
    """
    All that is sold; ``edition`` counts what was adopted, 0 is none yet.

    ``currency`` (ISO 4217) is the one prices are shown in, one of ``currencies``; ``languages``
    those every text is written in.
    """

    edition: int
    currency: str
    currencies: tuple[str, ...]
    families: tuple[Family, ...]
    products: tuple[Product, ...]
    terms: tuple[Terms, ...]
    languages: tuple[str, ...] = ("fr", "en")

    def product(self, code: str) -> Product:
        """
        Return a product that can be ordered.

        :raises ProductNotOffered: for an unknown one, and one that is sold no more
        """
        found = self.known(code)
        if found is None or not found.offered:
            raise ProductNotOffered
        return found

    def known(self, code: str) -> Product | None:
        """Return a product even if it is sold no more: somebody may have it."""
        return self._products.get(code)

    def family(self, code: str) -> Family | None:
        return self._families.get(code)

    def of_family(self, code: str) -> tuple[Product, ...]:
        """Return what of a family can be ordered, as the file orders it."""
        return tuple(each for each in self.products if each.family == code and each.offered)

    def terms_of(self, products: "tuple[Product, ...]") -> tuple[Terms, ...]:
        """Return what an order of these products accepts, each once."""
        wanted = {code for product in products for code in product.terms}
        return tuple(each for each in self.terms if each.code in wanted)

    @cached_property
    def _products(self) -> dict[str, Product]:
        return {each.code: each for each in self.products}

    @cached_property
    def _families(self) -> dict[str, Family]:
        return {each.code: each for each in self.families}
