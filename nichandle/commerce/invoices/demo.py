"""Invoices of the demo customers: drafted here, issued by the worker as soon as it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from nichandle.commerce.invoices import operations
from nichandle.commerce.invoices.facts import Document, Payment
from nichandle.commerce.invoices.models import Draft
from nichandle.commerce.invoices.sales import parties
from nichandle.commerce.invoices.sales.quoting import Item, quote
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.services.demo import BAKERY, CHOIR, DIANE
from nichandle.commerce.services.names import numbers_of
from nichandle.identity.accounts.queries import by_address_key, profile
from nichandle.platform.kernel import addresses


@dataclass(frozen=True, slots=True)
class DemoInvoice:
    """One invoice: a line for each service, with its price a year or month before tax."""

    cause: str
    owner: str
    lines: tuple[tuple[str, str, int, str], ...]
    paid: bool = True


INVOICES = (
    DemoInvoice("demo:1", DIANE, (("Nom de domaine", "mercier.example", 12, "7.99"),)),
    DemoInvoice(
        "demo:2",
        DIANE,
        (
            ("Nom de domaine", "mercier.example", 12, "8.49"),
            ("Courrier électronique", "courrier.mercier.example", 1, "2.50"),
        ),
    ),
    DemoInvoice(
        "demo:3",
        BAKERY,
        (
            ("Nom de domaine", "boulangerie-mercier.example", 12, "7.99"),
            ("Hébergement web", "www.boulangerie-mercier.example", 12, "59.88"),
        ),
    ),
    DemoInvoice(
        "demo:4",
        BAKERY,
        (("Serveur", "caisse.boulangerie-mercier.example", 1, "24.99"),),
        paid=False,
    ),
    DemoInvoice("demo:5", CHOIR, (("Nom de domaine", "chorale-des-dunes.example", 12, "7.99"),)),
)
UNITS = {1: "MON", 12: "ANN"}
"""Of UN/ECE recommendation 20, by months."""


def present() -> bool:
    """Tell whether the demo invoices are in the database."""
    return Draft.objects.filter(cause__in=[demo.cause for demo in INVOICES]).exists()


def load(now: datetime) -> Sequence[str]:
    """Draft the demo invoices; there is nothing about them that a newcomer must know first."""
    for demo in INVOICES:
        _draft(demo, now)
    return []


def _draft(demo: DemoInvoice, now: datetime) -> None:
    found = by_address_key(addresses.key(demo.owner))
    assert found is not None, demo.owner
    account, today = profile(found.pk), now.date()
    items = [
        Item(
            label,
            service,
            "electronic",
            Decimal(1),
            UNITS[months],
            Decimal(price),
            (today, today + timedelta(days=365 * months // 12 - 1)),
        )
        for label, service, months, price in demo.lines
    ]
    buyer, seller = parties.holder(account), sellers.current()
    quoted = quote(items, buyer=buyer, seller=seller, on=today, evidence=None, currency="EUR")
    document = Document(
        kind="invoice",
        language=account.language,
        currency="EUR",
        seller=seller,
        buyer=buyer,
        lines=quoted.lines,
        totals=quoted.totals,
        due_date=today if demo.paid else today + timedelta(days=30),
        delivered_on=today,
        paid=Payment(quoted.totals.gross, today, "card") if demo.paid else None,
    )
    names = [service for _label, service, _months, _price in demo.lines]
    operations.draft(
        account_id=account.pk,
        handle=account.handle_text,
        document=document,
        cause=demo.cause,
        service_ids=numbers_of(names),
        now=now,
    )
