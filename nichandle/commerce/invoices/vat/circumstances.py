"""What decides on VAT: the circumstances of a sale that the rows of the table ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from stdnum.fr import siren

from nichandle.commerce.invoices.facts import Evidence, Party, Seller
from nichandle.commerce.invoices.vat.territories import Territory, territory_of

THRESHOLD = Decimal(10_000)
"""Of sales to consumers of other member states in a year, in euros: Directive 2006/112, 59c."""
GOOD_FOR = timedelta(days=1)
"""So long an answer of VIES is good: it says what was true when it was asked."""
CONSUMERS = frozenset({"individual", "association"})
"""Kinds that are no taxable person unless they have a VAT number."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """A sale as the table sees it, beside the territory whose names and rates it uses."""

    territory: Territory
    values: Mapping[str, object]


def circumstances_of(
    vat_class: str, *, buyer: Party, seller: Seller, on: date, evidence: Evidence
) -> Circumstances:
    """Return what the rows of the table ask for."""
    territory = territory_of(buyer.country, buyer.postcode)
    number = number_of(buyer, on=on, evidence=evidence)
    return Circumstances(
        territory,
        {
            "regime": seller.regime,
            "class": vat_class,
            "zone": territory.zone,
            "holder": _holder(buyer, number),
            "number": number,
            "siren": siren.is_valid(buyer.company_number),
            "oss": seller.oss or evidence.eu_sales > THRESHOLD,
            "local": buyer.country in seller.local_vat_numbers,
            "resale": evidence.resells_telecom,
        },
    )


def number_of(buyer: Party, *, on: date, evidence: Evidence) -> str:
    """
    Return ``valid``, ``unproven`` or ``none``.

    Valid is only the very number that VIES confirmed on this day or the day before: silence is no
    answer, and another number's answer neither.
    """
    if not buyer.vat_number:
        return "none"
    asked = evidence.answered_on
    fresh = asked is not None and timedelta(0) <= on - asked <= GOOD_FOR
    confirmed = evidence.answer == "valid" and evidence.vat_number == buyer.vat_number
    return "valid" if fresh and confirmed else "unproven"


def _holder(buyer: Party, number: str) -> str:
    if buyer.kind == "administration":
        return "public"
    if buyer.kind in CONSUMERS:
        return "consumer" if number == "none" else "business"
    if buyer.kind == "other" and number == "none" and not buyer.company_number:
        return "consumer"
    return "business"
