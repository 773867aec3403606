"""Our own rules, for what the official sets let pass (docs/algorithms/vat.md names examples)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nichandle.commerce.invoices.facts import Document, Totals
from nichandle.commerce.invoices.sales.quoting import OUTSIDE, totals_of
from nichandle.commerce.invoices.vat.territories import territory_of
from nichandle.identity.handles.identifier import Identifier, NotAnIdentifier
from nichandle.platform.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a document breaks, official or ours, and what it says."""

    rule: str
    text: str


def blind_spots(document: Document) -> list[Broken]:
    """Return what is wrong with a document although every official rule may hold."""
    return [
        *_who(document),
        *_sums(document),
        *_vat(document),
        *_kind(document),
    ]


def _who(document: Document) -> Iterator[Broken]:
    handle = document.buyer.handle
    try:
        canonical = str(Identifier.read(handle, suffix=handle.rpartition("-")[2]))
    except NotAnIdentifier:
        canonical = ""
    if handle != canonical:
        yield Broken("OWN-01", f"BT-46: “{handle}” is no client identifier")
    if not (document.seller.siren or document.seller.vat_number):
        yield Broken("OWN-02", "BT-30: the seller has neither SIREN nor VAT number")


def _sums(document: Document) -> Iterator[Broken]:
    if not _come_to(document, totals_of(document.lines, document.currency)):
        yield Broken("OWN-03", "BG-22: the totals are not what the lines come to")
    if document.paid and document.totals.gross < document.paid.amount:
        yield Broken("OWN-04", "BT-113: more was paid than is invoiced")
    if document.currency != "EUR" and document.conversion is None and document.totals.tax.amount:
        yield Broken("OWN-05", "BT-111: VAT in another currency is given in euros too")


def _come_to(document: Document, exact: Totals) -> bool:
    """
    Tell whether the totals are what the lines come to.

    The last credit note of an invoice takes back the rest of its VAT, which may be some cents off
    what its own lines come to: there BR-CO-17, with its tolerance, judges the tax alone.
    """
    told, zero = document.totals, Money.zero(document.currency)
    if document.kind != "credit_note":
        return told == exact
    bases = [[replace(row, tax=zero) for row in each.vat_rows] for each in (told, exact)]
    tax = sum((row.tax for row in told.vat_rows), zero)
    return bases[0] == bases[1] and (told.net, told.tax, told.gross) == (
        exact.net,
        tax,
        told.net + tax,
    )


def _vat(document: Document) -> Iterator[Broken]:
    buyer, seller = document.buyer, document.seller
    zone = territory_of(buyer.country, buyer.postcode).zone
    for row in document.totals.vat_rows:
        if row.category == "AE" and not (seller.vat_number and buyer.vat_number):
            yield Broken("OWN-06", "BT-31, BT-48: a reverse charge names both VAT numbers")
        if row.category == "AE" and zone not in {"eu", "france", "dom"}:
            yield Broken("OWN-07", "BT-118: no reverse charge outside the Union")
        if row.category != "S" and not (row.code and row.text):
            yield Broken("OWN-08", "BT-120, BT-121: no VAT needs a reason and its code")
        if row.category not in {"S", "E"} and zone in {"france", "monaco"} and row.category != "AE":
            yield Broken("OWN-09", f"BT-118: {row.category} for a customer in France")
    services = [line for line in document.lines if not line.vat.row.startswith("goods")]
    if any(line.vat.category in {"G", "K"} for line in services):
        yield Broken("OWN-10", "BT-151: G and K are for goods; a service is O or AE")
    categories = {row.category for row in document.totals.vat_rows}
    if OUTSIDE in categories and len(categories) > 1:
        yield Broken("OWN-11", "BT-118: what no VAT applies to stands on an invoice of its own")


def _kind(document: Document) -> Iterator[Broken]:
    corrects = document.kind == "credit_note"
    if corrects != bool(document.corrects):
        yield Broken("OWN-12", "BT-25: a credit note, and only it, says what it corrects")
    if corrects and document.totals.gross < Money.zero(document.currency):
        yield Broken("OWN-13", "BT-112: the amounts of a credit note are positive")
    if not document.lines:
        yield Broken("OWN-14", "BG-25: there is no line")
