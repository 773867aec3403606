"""What a basket costs: each line judged against the catalogue, all of them quoted together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nichandle.commerce.catalogue.offers import Catalogue, Price, Product, Terms
from nichandle.commerce.catalogue.questions import answer
from nichandle.commerce.invoices.facts import Evidence, Party, Seller
from nichandle.commerce.invoices.sales.quoting import Item, Quote, quote
from nichandle.commerce.orders.basket.content import Basket, Wanted, name_of
from nichandle.commerce.orders.months import period_from
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording.languages import current as language_now

ONE = "C62"
"""A piece, in the codes of UN/ECE recommendation 20."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of a basket that can be ordered."""

    wanted: Wanted
    product: Product
    price: Price
    answers: Mapping[str, str]
    language: str
    on: date

    @property
    def key(self) -> str:
        return name_of(self.wanted)

    @property
    def label(self) -> str:
        return self.product.name.said(self.language)

    @property
    def name(self) -> str:
        """What the service is called; the product's own name where the customer gave none."""
        return self._given or self.label

    @property
    def excepted(self) -> str:
        """Why a consumer cannot withdraw from it; empty where they can."""
        policy = self.product.withdrawal
        return "" if policy.allowed else policy.reason.said(self.language)

    @property
    def named(self) -> bool:
        """Whether the customer has named the service."""
        return bool(self._given)

    @property
    def _given(self) -> str:
        """The first answer: it names the service."""
        return next(iter(self.answers.values()), "")

    @property
    def net(self) -> Money:
        return (self.price.amount + self.price.setup).rounded()

    def items(self) -> list[Item]:
        """Return what the invoice says of it: the period, and what setting it up costs."""
        name, months = self.name if self.name != self.label else "", self.price.period_months
        said = [name, _months(months)] if self.product.lasting else [name]
        first = self._item(self.label, " · ".join(filter(None, said)), self.price.amount.amount)
        if self.product.lasting:
            first = replace(first, period=period_from(self.on, months))
        if not self.price.setup.amount:
            return [first]
        label = _("Set-up: %(product)s") % {"product": self.label}
        return [first, self._item(label, name, self.price.setup.amount)]

    def _item(self, label: str, details: str, amount: Decimal) -> Item:
        return Item(
            label=label,
            details=details,
            vat_class=self.product.vat_class,
            quantity=Decimal(1),
            unit=ONE,
            unit_price=amount,
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be ordered as it is, and why."""

    wanted: Wanted
    sentence: str

    @property
    def key(self) -> str:
        return name_of(self.wanted)


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket with its prices; ``edition`` is the catalogue's, ``on`` the day they hold for."""

    offers: tuple[Offer, ...]
    problems: tuple[Problem, ...]
    quote: Quote
    terms: tuple[Terms, ...]
    edition: int
    on: date
    language: str

    @property
    def terms_shown(self) -> list[dict[str, str]]:
        """The terms in the reader's language."""
        return shown(self.terms, self.language)

    @property
    def seen(self) -> str:
        """What was shown, in few letters: sent back by whoever confirms, so that no price moves."""
        said = [
            *(f"{offer.key} {offer.net.amount}" for offer in self.offers),
            *(f"{terms.code} {terms.version}" for terms in self.terms),
            f"{self.quote.totals.net.amount} {self.quote.totals.gross.amount}",
        ]
        return tokens.digest("\n".join(said))[:32]


def shown(terms: Iterable[Terms], language: str) -> list[dict[str, str]]:
    """Return terms as a page shows them to whoever accepts them."""
    return [
        {
            "title": each.title.said(language),
            "version": each.version,
            "text": each.text.said(language),
        }
        for each in terms
    ]


def priced(
    basket: Basket,
    catalogue: Catalogue,
    *,
    buyer: Party,
    seller: Seller,
    on: date,
    evidence: Evidence | None = None,
) -> Priced:
    """
    Judge every line of a basket, and quote those that can be ordered.

    :raises vat.asking.PlaceNotClear: when what is known about the customer contradicts itself
    """
    offers, problems = [], []
    language = language_now()
    for wanted in basket.lines:
        try:
            offers.append(_offer(wanted, catalogue, on=on, language=language))
        except Refused as refusal:
            problems.append(Problem(wanted, str(refusal)))
    items = [item for offer in offers for item in offer.items()]
    quoted = quote(
        items, buyer=buyer, seller=seller, on=on, evidence=evidence, currency=catalogue.currency
    )
    terms = catalogue.terms_of(tuple(offer.product for offer in offers))
    return Priced(tuple(offers), tuple(problems), quoted, terms, catalogue.edition, on, language)


def _offer(wanted: Wanted, catalogue: Catalogue, *, on: date, language: str) -> Offer:
    product = catalogue.product(wanted.product)
    price = product.price(wanted.months, catalogue.currency, on)
    answers = {
        question.code: answer(question, wanted.answers.get(question.code, ""))
        for question in product.questions
    }
    return Offer(wanted, product, price, answers, language, on)


def _months(count: int) -> str:
    return ngettext("%(count)s month", "%(count)s months", count) % {"count": count}
