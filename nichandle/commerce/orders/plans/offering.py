"""Which plans a service can change to, each with its figures."""

from dataclasses import dataclass
from datetime import date

from nichandle.commerce.catalogue.offers import Catalogue, Price, PriceNotOffered, Product
from nichandle.commerce.orders.models import OrderLine
from nichandle.commerce.orders.plans.proration import Proration, prorate
from nichandle.commerce.services.models import Service
from nichandle.platform.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Larger:
    """A plan one can go up to now."""

    product: Product
    price: Price
    figures: Proration


@dataclass(frozen=True, slots=True)
class Smaller:
    """A plan one can go down to with the next renewal."""

    product: Product
    price: Price


@dataclass(frozen=True, slots=True)
class Plans:
    """What a service is, and what it can become."""

    present: Product
    paid: Money
    larger: tuple[Larger, ...]
    smaller: tuple[Smaller, ...]


def plans_of(service: Service, catalogue: Catalogue, *, on: date) -> Plans | None:
    """
    Return the plans a service can change to on a day; None for one that came from no catalogue.

    Nor is there any for one that was paid in another currency than what is sold now: what has
    been paid for it cannot be credited without a rate.
    A larger plan that would cost nothing more is none: it would be a way to be paid back.
    """
    present = catalogue.known(service.plan) if service.plan else None
    if present is None or service.expiry_date is None:
        return None
    paid = _paid(service, present, catalogue, on)
    if paid is None:
        return None
    larger = tuple(
        Larger(product, price, figures)
        for product, price in _priced(present.upgrades, service, catalogue, on)
        if (figures := _figures(service, paid, price, on)).due.amount > 0
    )
    smaller = tuple(
        Smaller(product, price)
        for product, price in _priced(present.downgrades, service, catalogue, on)
    )
    return Plans(present, paid, larger, smaller)


def _figures(service: Service, paid: Money, price: Price, on: date) -> Proration:
    assert service.expiry_date is not None
    return prorate(
        paid=paid,
        price=price.amount,
        months=service.period_months,
        expiry=service.expiry_date,
        on=on,
    )


def _paid(service: Service, present: Product, catalogue: Catalogue, on: date) -> Money | None:
    """
    Return what the present plan costs for a period, never more than what was paid for it.

    A price that rose since must not be credited: nobody has paid it. None for what was paid in
    another currency than the catalogue's.
    """
    now = _price(present, service, catalogue, on)
    lines = OrderLine.objects.filter(service=service, product=present.code).order_by("-pk")
    bought = lines.select_related("order").first()
    then = Money.of_minor(bought.period_minor, bought.order.currency) if bought else None
    if then is not None and then.currency != catalogue.currency:
        return None
    if then is None or now is None:
        return then or (now.amount if now else Money.zero(catalogue.currency))
    return min(then, now.amount, key=lambda amount: amount.amount)


def _priced(
    codes: tuple[str, ...], service: Service, catalogue: Catalogue, on: date
) -> list[tuple[Product, Price]]:
    found = []
    for code in codes:
        product = catalogue.known(code)
        if product is None or not product.offered:
            continue
        price = _price(product, service, catalogue, on)
        if price is not None:
            found.append((product, price))
    return found


def _price(product: Product, service: Service, catalogue: Catalogue, on: date) -> Price | None:
    try:
        return product.price(service.period_months, catalogue.currency, on)
    except PriceNotOffered:
        return None
