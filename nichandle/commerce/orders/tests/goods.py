"""A small catalogue, and orders placed from it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import uuid4

from django.utils import timezone

from nichandle.commerce.catalogue.offers import (
    Catalogue,
    Family,
    Price,
    Product,
    ProductQuestion,
    RefundPolicy,
    Terms,
    Text,
    WithdrawalPolicy,
)
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.orders.basket.buyers import buyer
from nichandle.commerce.orders.basket.content import Basket, Wanted
from nichandle.commerce.orders.basket.pricing import Priced, priced
from nichandle.commerce.orders.lifecycle.placing import Confirmation, place
from nichandle.commerce.orders.models import Order
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money
from tests.support.people import Person

SINCE = date(2020, 1, 1)


def said(text: str) -> Text:
    return Text({"fr": text, "en": text})


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def product(code: str, family: str, price: str, *, setup: str = "0", **changes: object) -> Product:
    facts: dict[str, object] = {
        "name": said(code.capitalize()),
        "summary": said(""),
        "features": (),
        "vat_class": "electronic",
        "prices": (
            Price(SINCE, 12, euros(price), euros(setup)),
            Price(SINCE, 1, euros(price), euros(setup)),
        ),
        "questions": (),
        "terms": ("general",),
        "withdrawal": WithdrawalPolicy(allowed=True, reason=said("")),
        "refund": RefundPolicy("none", 0, said("")),
    }
    return Product(code=code, family=family, **{**facts, **changes})  # type: ignore[arg-type]  # as the test wishes


NAME = ProductQuestion("domain", said("Domain name"), said(""), "domain")
DOMAIN = product(
    "domain-fr",
    "domain",
    "8.00",
    questions=(NAME,),
    withdrawal=WithdrawalPolicy(allowed=False, reason=said("It is made for you.")),
)
HOSTING = product("start", "hosting", "30.00", setup="5.00", questions=(NAME,))
SERVER = product("vps", "server", "10.00")
FREE = product("free", "mail", "0")
ADVICE = product("advice", "server", "90.00", vat_class="advice", lasting=False)
PRODUCTS = (DOMAIN, HOSTING, SERVER, FREE, ADVICE)

CATALOGUE = Catalogue(
    edition=1,
    currency="EUR",
    currencies=("EUR",),
    families=tuple(
        Family(code, said(code), said("")) for code in ("domain", "hosting", "server", "mail")
    ),
    products=PRODUCTS,
    terms=(Terms("general", "2026-01", said("General terms"), said("All of them.")),),
)


def wanted(code: str, name: str = "", months: int = 12) -> Wanted:
    return Wanted(code, months, {"domain": name} if name else {})


def price(person: Person, *lines: Wanted, catalogue: Catalogue = CATALOGUE) -> Priced:
    return priced(
        Basket(lines),
        catalogue,
        buyer=buyer(person.account.pk),
        seller=sellers.current(),
        on=timezone.localdate(),
    )


def confirm(priced: Priced, **changes: object) -> Confirmation:
    facts: dict[str, object] = {"once": uuid4(), "seen": priced.seen, "accepted": True}
    return Confirmation(**{**facts, **changes})  # type: ignore[arg-type]  # as the test wishes


def order(
    person: Person, *lines: Wanted, act: Act, catalogue: Catalogue = CATALOGUE, **changes: object
) -> Order:
    """Place an order for somebody."""
    cost = price(person, *(lines or (wanted("start", "mercier.example"),)), catalogue=catalogue)
    return place(
        account_id=person.account.pk,
        holder=buyer(person.account.pk),
        priced=cost,
        confirmation=confirm(cost, **changes),
        act=act,
    )


def orders_of(person: Person) -> Sequence[Order]:
    return list(Order.objects.filter(account=person.account).order_by("pk"))
