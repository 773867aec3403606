"""What VAT a sale bears, and why."""

from datetime import date

from nichandle.commerce.invoices.facts import Evidence, Party, Seller, Vat
from nichandle.commerce.invoices.vat import tables


def decide(
    vat_class: str, *, buyer: Party, seller: Seller, on: date, evidence: Evidence | None
) -> Vat:
    """Return the VAT of one class of product for a customer on a day."""
    return Vat(row="fr-consumer", category="S", rate=tables.rate("FR", on), channel="TPS1")
