"""One document of every kind, as tests and benches want them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from nichandle.commerce.invoices.facts import (
    Conversion,
    Document,
    Evidence,
    Party,
    Payment,
)
from nichandle.commerce.invoices.sales.quoting import SaleItem, quote
from nichandle.commerce.invoices.tests.people import TODAY, company, person, seller
from nichandle.platform.kernel.money import Money

DUE = date(2026, 12, 31)
REFERENCE = "RF18539007547034"
PERIOD = (date(2026, 12, 1), date(2027, 11, 30))
PLANS = ("Perso", "Pro", "Performance")


def item(quantity: str = "12", unit_price: str = "4.99", **changes: Any) -> SaleItem:
    given: dict[str, Any] = {
        "label": "Hébergement web Pro",
        "details": "belvaux.example",
        "vat_class": "electronic",
        "quantity": Decimal(quantity),
        "unit": "MON",
        "unit_price": Decimal(unit_price),
        "period": PERIOD,
    }
    return SaleItem(**{**given, **changes})


def basket() -> list[SaleItem]:
    storage = (date(2026, 11, 1), date(2026, 11, 30))
    return [
        item(),
        item("1", "7.99", label="Nom de domaine", details="belvaux.example", unit="ANN"),
        item(
            "1536.25",
            "0.004567",
            label="Stockage objet",
            details="s3.belvaux.example",
            unit="HUR",
            period=storage,
        ),
    ]


def many(count: int) -> list[SaleItem]:
    return [
        item(
            str(1 + place % 3),
            f"{3.99 + place * 1.37:.2f}",
            label=f"Hébergement web {PLANS[place % 3]}",
            details=f"site-{place:02d}.belvaux.example",
        )
        for place in range(count)
    ]


def document(
    buyer: Party | None = None,
    items: Sequence[SaleItem] | None = None,
    *,
    evidence: Evidence | None = None,
    **changes: Any,
) -> Document:
    bought = buyer or person()
    sold = changes.pop("seller", None) or seller()
    currency = changes.pop("currency", "EUR")
    made = quote(
        items if items is not None else basket(),
        buyer=bought,
        seller=sold,
        on=TODAY,
        evidence=evidence,
        currency=currency,
    )
    given: dict[str, Any] = {
        "kind": "invoice",
        "language": "fr",
        "currency": currency,
        "seller": sold,
        "buyer": bought,
        "lines": made.lines,
        "totals": made.totals,
        "due_date": DUE,
        "delivered_on": TODAY,
        "reference": REFERENCE,
        "evidence": evidence,
    }
    return Document(**{**given, **changes})


def paid(found: Document, means: str = "card") -> Payment:
    return Payment(found.totals.gross, TODAY, means)


def german() -> tuple[Party, Evidence]:
    number = "DE136695976"
    buyer = company(
        name="Lindenau Netze GmbH",
        lines=("Torstraße 12",),
        country="DE",
        postcode="10115",
        city="Berlin",
        company_number="",
        establishment_number="",
        vat_number=number,
        electronic_address="",
        email="rechnung@lindenau.example",
    )
    return buyer, Evidence(number, "valid", TODAY, "WAPIAAAAY9kLm3Q2")


@cache
def kinds(language: str) -> dict[str, Document]:
    """Return one document of each kind and of each kind of holder, by name."""
    berlin, proof = german()
    whole = document(company(), language=language)
    dollars = Money(Decimal("13.78"), "EUR")
    public = company(
        name="Ville de Lille",
        kind="administration",
        vat_number="",
        company_number="215903501",
        establishment_number="",
        electronic_address="0225:215903501",
        service_code="SERVICE-01",
    )
    club = company(
        name="Amis du canal",
        kind="association",
        vat_number="",
        company_number="",
        establishment_number="",
        electronic_address="",
    )
    return {
        "company": document(company(), language=language, purchase_order="BC-2026-114"),
        "person": document(language=language),
        "association": document(club, language=language),
        "public": document(public, language=language, purchase_order="ENG-4471"),
        "other": document(company(kind="other"), language=language),
        "paid": document(company(), language=language, paid=paid(whole)),
        "half paid": document(
            company(),
            language=language,
            paid=Payment(Money(Decimal("40.00"), "EUR"), TODAY, "card"),
        ),
        "paid by transfer": document(company(), language=language, paid=paid(whole, "transfer")),
        "paid by debit": document(company(), language=language, paid=paid(whole, "direct_debit")),
        "credit note": document(
            company(),
            language=language,
            kind="credit_note",
            corrects=("F2026-000100", date(2026, 11, 3)),
            cause="Résiliation au 15 novembre 2026.",
        ),
        "deposit": document(
            company(),
            [item("1", "50", label="Acompte", unit="C62", period=None)],
            language=language,
            kind="deposit",
        ),
        "zero": document(person(), [item("1", "0", label="Offre découverte")], language=language),
        "discounted": document(
            company(), [item(), item("-1", "5.00", label="Remise", period=None)], language=language
        ),
        "dollars": document(
            company(),
            language=language,
            currency="USD",
            conversion=Conversion(dollars, Decimal("0.9204"), date(2026, 11, 30), "BCE"),
        ),
        "ninety lines": document(company(), many(90), language=language),
        "three pages": document(company(), many(46), language=language),
        "réunion": document(
            person(country="RE", postcode="97400", city="Saint-Denis"), language=language
        ),
        "germany": document(berlin, evidence=proof, language=language),
        "finland": document(
            person(country="FI", postcode="00100", city="Helsinki", name="Aino Virtanen"),
            seller=seller(oss=True),
            language=language,
        ),
        "new york": document(
            person(country="US", postcode="10001", city="New York"), language=language
        ),
        "franchise": document(seller=seller(regime="franchise", vat_number=""), language=language),
        "demonstration": document(seller=seller(demo=True), language=language),
    }
