"""Prices as a reader has them: before VAT, and with the VAT of their country and kind."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise

from nichandle.commerce.catalogue.offers import Catalogue, Price, Product
from nichandle.commerce.invoices.facts import Evidence, Party, Seller, VatRow
from nichandle.commerce.invoices.sales.quoting import Item, quote
from nichandle.commerce.orders.basket.pricing import ONE
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.rules import KIND_LABELS
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount before VAT and with it; ``gross`` is None where nobody can tell the VAT yet."""

    net: Money
    gross: Money | None
    vat: tuple[VatRow, ...] = ()

    @property
    def bears_vat(self) -> bool:
        return self.gross is None or self.gross != self.net


@dataclass(frozen=True, slots=True)
class ShownPrice:
    """What a period costs, and ``setup`` once where there is one; no months: it is bought once."""

    months: int
    amount: Amount
    setup: Amount | None = None


@dataclass(slots=True)
class Shelf:
    """
    The catalogue with prices for one reader on one day.

    Without a ``seller`` no VAT is known; ``unclear`` is what else keeps it from being known.
    """

    catalogue: Catalogue
    buyer: Party
    seller: Seller | None
    on: date
    evidence: Evidence | None = None
    unclear: Refused | None = field(default=None, init=False)

    @property
    def gross_first(self) -> bool:
        """Whether readers of this kind seldom deduct VAT: they read first what they pay."""
        return self.buyer.kind not in {Account.Kind.CORPORATION, Account.Kind.ADMINISTRATION}

    @property
    def kind(self) -> str | Promise:
        """The kind of holder, in words."""
        return dict(KIND_LABELS).get(self.buyer.kind, "")

    def prices(self, product: Product) -> list[ShownPrice]:
        """Return what its periods cost, the shortest first."""
        return [self._shown(product, price) for price in self._prices(product)]

    def cheapest(self, *products: Product) -> ShownPrice | None:
        """Return the lowest of their prices for the shortest period of each."""
        firsts = [(product, found[0]) for product in products if (found := self._prices(product))]
        lowest = min(firsts, key=lambda each: each[1].amount, default=None)
        return self._shown(*lowest) if lowest else None

    def _prices(self, product: Product) -> list[Price]:
        currency = self.catalogue.currency
        months = product.periods(currency, self.on)
        return [product.price(each, currency, self.on) for each in months]

    def _shown(self, product: Product, price: Price) -> ShownPrice:
        setup = self._amount(product, price.setup) if price.setup.amount else None
        months = price.period_months if product.lasting else 0
        return ShownPrice(months, self._amount(product, price.amount), setup)

    def _amount(self, product: Product, net: Money) -> Amount:
        if self.seller is None:
            return Amount(net.rounded(), None)
        item = Item(
            label="",
            details="",
            vat_class=product.vat_class,
            quantity=Decimal(1),
            unit=ONE,
            unit_price=net.amount,
        )
        try:
            totals = quote(
                [item],
                buyer=self.buyer,
                seller=self.seller,
                on=self.on,
                evidence=self.evidence,
                currency=net.currency,
            ).totals
        except Refused as unclear:
            self.unclear = unclear
            return Amount(net.rounded(), None)
        return Amount(totals.net, totals.gross, totals.vat_rows)
