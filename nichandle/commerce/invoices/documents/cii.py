"""
The XML of an invoice: UN/CEFACT Cross Industry Invoice D22B, profile EN 16931, as Factur-X.

The numbers in brackets are the business terms of EN 16931-1. Elements stand in the order that the
schema wants.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from nichandle.commerce.invoices.documents import mentions
from nichandle.commerce.invoices.facts import Document, Line, VatRow, said
from nichandle.commerce.invoices.sales.parties import siren_of
from nichandle.platform.kernel.later import later
from nichandle.platform.kernel.money import Money

etree = later("lxml.etree", seldom=True)

PROFILE = "urn:cen.eu:en16931:2017"
TYPES = {"invoice": "380", "credit_note": "381", "deposit": "386"}
MEANS = {"card": "48", "transfer": "58", "direct_debit": "59"}
UNKNOWN_MEANS = "1"
OUTSIDE = "O"
_UNCEFACT = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": f"{_UNCEFACT}CrossIndustryInvoice:100",
    "ram": f"{_UNCEFACT}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_UNCEFACT}UnqualifiedDataType:100",
    "qdt": f"{_UNCEFACT}QualifiedDataType:100",
}


Branch = tuple[str, str, Mapping[str, str], tuple[Any, ...]] | None
"""An element to be: tag, text, attributes, what is below it; or none."""


def xml_of(document: Document, *, number: str, issued_on: date) -> bytes:
    """Return the XML; the language of its texts is the one that is spoken now."""
    root = etree.Element(_qualified("rsm:CrossIndustryInvoice"), nsmap=NAMESPACES)
    transaction = _node(
        "rsm:SupplyChainTradeTransaction",
        *(_line(line, place) for place, line in enumerate(document.lines, 1)),
        _agreement(document),
        _delivery(document),
        _settlement(document, number),
    )
    _grow(root, (_context(document), _head(document, number, issued_on), transaction))
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made


def _context(document: Document) -> Branch:
    paid = document.kind == "invoice" and mentions.is_settled(document)
    goods = [line.vat.row.startswith("goods") for line in document.lines]
    letter = "S" if not any(goods) else "B" if all(goods) else "M"
    return _node(
        "rsm:ExchangedDocumentContext",
        _node(
            "ram:BusinessProcessSpecifiedDocumentContextParameter",
            _text("ram:ID", letter + ("2" if paid else "1")),  # BT-23
        ),
        _node(
            "ram:GuidelineSpecifiedDocumentContextParameter",
            _text("ram:ID", PROFILE),  # BT-24
        ),
    )


def _head(document: Document, number: str, issued_on: date) -> Branch:
    notes = [(each.code, each.text) for each in mentions.mentions_of(document)]
    if document.cause:
        notes.append(("", document.cause))
    if treatment := treatment_of(document):
        notes.append(("BAR", treatment))
    return _node(
        "rsm:ExchangedDocument",
        _text("ram:ID", number),  # BT-1
        _text("ram:TypeCode", TYPES[document.kind]),  # BT-3
        _node("ram:IssueDateTime", _day(issued_on)),  # BT-2
        *(
            _node(
                "ram:IncludedNote",  # BG-1
                _text("ram:Content", text),
                _text("ram:SubjectCode", code),
            )
            for code, text in notes
        ),
    )


def treatment_of(document: Document) -> str:
    """
    Return what the French note BAR says of a document; "" where none may be said.

    ``B2B`` only with the buyer's SIREN (BR-FR-11): without it a platform must be told otherwise.
    """
    channels = {line.vat.channel for line in document.lines}
    if "invoice" in channels:
        return "B2B" if siren_of(document.buyer) else ""
    if document.buyer.kind in mentions.CONSUMERS | {"association"}:
        return "B2C" if document.buyer.country == document.seller.country else "B2CINT"
    return "B2BINT"


def _line(line: Line, place: int) -> Branch:
    settlement = [
        _node(
            "ram:ApplicableTradeTax",
            _text("ram:TypeCode", "VAT"),
            _text("ram:CategoryCode", line.vat.category),  # BT-151
            _rate(line.vat.category, line.vat.rate),  # BT-152
        )
    ]
    if line.period:
        settlement.append(_period(line.period))  # BG-26
    settlement.append(
        _node(
            "ram:SpecifiedTradeSettlementLineMonetarySummation",
            _sum("ram:LineTotalAmount", line.net),  # BT-131
        )
    )
    return _node(
        "ram:IncludedSupplyChainTradeLineItem",  # BG-25
        _node("ram:AssociatedDocumentLineDocument", _text("ram:LineID", str(place))),
        _node(
            "ram:SpecifiedTradeProduct",
            _text("ram:Name", line.label),  # BT-153
            _text("ram:Description", line.details),  # BT-154
        ),
        _node(
            "ram:SpecifiedLineTradeAgreement",
            _node(
                "ram:NetPriceProductTradePrice",
                _text("ram:ChargeAmount", plain(line.unit_price)),  # BT-146
            ),
        ),
        _node(
            "ram:SpecifiedLineTradeDelivery",
            _text("ram:BilledQuantity", plain(line.quantity), unitCode=line.unit),  # BT-129
        ),
        _node("ram:SpecifiedLineTradeSettlement", *settlement),
    )


def _agreement(document: Document) -> Branch:
    order = document.purchase_order
    return _node(
        "ram:ApplicableHeaderTradeAgreement",
        _text("ram:BuyerReference", document.buyer.service_code),  # BT-10
        _seller(document),
        _buyer(document),
        order and _node("ram:BuyerOrderReferencedDocument", _text("ram:IssuerAssignedID", order)),
    )


def _seller(document: Document) -> Branch:
    seller, outside = document.seller, _is_outside(document)
    contact = (seller.phone or seller.email) and _node(
        "ram:DefinedTradeContact",  # BG-6
        _text("ram:PersonName", seller.name),
        seller.phone
        and _node("ram:TelephoneUniversalCommunication", _text("ram:CompleteNumber", seller.phone)),
        seller.email
        and _node("ram:EmailURIUniversalCommunication", _text("ram:URIID", seller.email)),
    )
    # What no VAT applies to names no VAT number (BR-O-02); what is exempt names one (BR-E-02).
    tax = ("VA", seller.vat_number) if seller.vat_number else ("FC", seller.siren)
    return _node(
        "ram:SellerTradeParty",
        _text("ram:GlobalID", seller.siret, schemeID="0009"),  # BT-29
        _text("ram:Name", seller.name),  # BT-27
        _text("ram:Description", mentions.seller_line(document, vat_number=True)),  # BT-33
        seller.siren
        and _node("ram:SpecifiedLegalOrganization", _text("ram:ID", seller.siren, schemeID="0002")),
        contact,
        _address(seller.lines, seller.postcode, seller.city, seller.country),
        _reach(seller.electronic_address or f"0225:{seller.siren}"),  # BT-34
        None
        if outside
        else _node("ram:SpecifiedTaxRegistration", _text("ram:ID", tax[1], schemeID=tax[0])),
    )


def _buyer(document: Document) -> Branch:
    buyer, number = document.buyer, siren_of(document.buyer)
    reach = buyer.electronic_address or (f"0225:{number}" if number else f"EM:{buyer.email}")
    return _node(
        "ram:BuyerTradeParty",
        _text("ram:ID", buyer.handle),  # BT-46
        _text("ram:Name", buyer.name),  # BT-44
        number
        and _node("ram:SpecifiedLegalOrganization", _text("ram:ID", number, schemeID="0002")),
        _address(buyer.lines, buyer.postcode, buyer.city, buyer.country),
        _reach(reach),  # BT-49
        None
        if _is_outside(document) or not buyer.vat_number
        else _node(
            "ram:SpecifiedTaxRegistration", _text("ram:ID", buyer.vat_number, schemeID="VA")
        ),
    )


def _delivery(document: Document) -> Branch:
    goods_to = any(row.category == "K" for row in document.totals.vat_rows)
    return _node(
        "ram:ApplicableHeaderTradeDelivery",
        goods_to
        and _node(
            "ram:ShipToTradeParty",  # BG-15
            _node("ram:PostalTradeAddress", _text("ram:CountryID", document.buyer.country)),
        ),
        None
        if document.delivered_on is None
        else _node(
            "ram:ActualDeliverySupplyChainEvent",
            _node("ram:OccurrenceDateTime", _day(document.delivered_on)),  # BT-72
        ),
    )


def _settlement(document: Document, number: str) -> Branch:
    conversion = document.conversion
    return _node(
        "ram:ApplicableHeaderTradeSettlement",
        _text("ram:PaymentReference", document.reference or number),  # BT-83
        _text("ram:TaxCurrencyCode", conversion.tax.currency if conversion else ""),  # BT-6
        _text("ram:InvoiceCurrencyCode", document.currency),  # BT-5
        _means(document),
        *(_vat(row, document) for row in document.totals.vat_rows),
        _node(
            "ram:SpecifiedTradePaymentTerms",
            _text("ram:Description", mentions.terms_of(document)),  # BT-20
            _node("ram:DueDateDateTime", _day(_due(document))),  # BT-9
        ),
        _summation(document),
        document.corrects and _corrected(*document.corrects),
    )


def _means(document: Document) -> Branch:
    """Where to pay to (BG-16); a credit note pays nobody, and names no means."""
    if document.kind == "credit_note":
        return None
    seller, paid = document.seller, document.paid
    if paid and mentions.is_settled(document) and paid.means != "transfer":
        code = MEANS.get(paid.means, UNKNOWN_MEANS)
        # A direct debit names its mandate (BR-61 and BG-19), which the payment keeps, not we.
        code = UNKNOWN_MEANS if paid.means == "direct_debit" else code
        return _node("ram:SpecifiedTradeSettlementPaymentMeans", _text("ram:TypeCode", code))
    if not seller.iban:
        return None
    return _node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        _text("ram:TypeCode", MEANS["transfer"]),  # BT-81
        _node("ram:PayeePartyCreditorFinancialAccount", _text("ram:IBANID", seller.iban)),  # BT-84
        seller.bic
        and _node("ram:PayeeSpecifiedCreditorFinancialInstitution", _text("ram:BICID", seller.bic)),
    )


def _due(document: Document) -> date:
    """What was paid at once is due the day it was paid: so says the French rule BR-FR-CO-07."""
    if document.paid and mentions.is_settled(document):
        return document.paid.paid_on
    return document.due_date


def _vat(row: VatRow, document: Document) -> Branch:
    due = {"debits": "5", "receipts": "72"}[document.seller.vat_on]
    return _node(
        "ram:ApplicableTradeTax",  # BG-23
        _sum("ram:CalculatedAmount", row.tax),  # BT-117
        _text("ram:TypeCode", "VAT"),
        _text("ram:ExemptionReason", said(row.text, document.language)),  # BT-120
        _sum("ram:BasisAmount", row.base),  # BT-116
        _text("ram:CategoryCode", row.category),  # BT-118
        _text("ram:ExemptionReasonCode", row.code),  # BT-121
        row.category == "S" and _text("ram:DueDateTypeCode", due),  # BT-8
        _rate(row.category, row.rate),  # BT-119
    )


def _summation(document: Document) -> Branch:
    totals, conversion = document.totals, document.conversion
    paid = document.paid.amount if document.paid else Money.zero(document.currency)
    return _node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",  # BG-22
        _sum("ram:LineTotalAmount", totals.net),  # BT-106
        _sum("ram:TaxBasisTotalAmount", totals.net),  # BT-109
        _sum("ram:TaxTotalAmount", totals.tax, currencyID=document.currency),  # BT-110
        _sum("ram:TaxTotalAmount", conversion.tax, currencyID=conversion.tax.currency)
        if conversion
        else None,  # BT-111
        _sum("ram:GrandTotalAmount", totals.gross),  # BT-112
        _sum("ram:TotalPrepaidAmount", paid),  # BT-113
        _sum("ram:DuePayableAmount", mentions.owed(document)),  # BT-115
    )


def _corrected(number: str, issued_on: date) -> Branch:
    return _node(
        "ram:InvoiceReferencedDocument",  # BG-3
        _text("ram:IssuerAssignedID", number),  # BT-25
        _node("ram:FormattedIssueDateTime", _day(issued_on, "qdt")),  # BT-26
    )


def _is_outside(document: Document) -> bool:
    return any(row.category == OUTSIDE for row in document.totals.vat_rows)


def _address(lines: Iterable[str], postcode: str, city: str, country: str) -> Branch:
    names = ("ram:LineOne", "ram:LineTwo", "ram:LineThree")
    return _node(
        "ram:PostalTradeAddress",
        _text("ram:PostcodeCode", postcode),
        *(_text(name, line) for name, line in zip(names, lines, strict=False)),
        _text("ram:CityName", city),
        _text("ram:CountryID", country),
    )


def _reach(address: str) -> Branch:
    scheme, _colon, value = address.partition(":")
    if not value:
        return None
    return _node("ram:URIUniversalCommunication", _text("ram:URIID", value, schemeID=scheme))


def _rate(category: str, rate: Decimal) -> Branch:
    """Return the rate; what is outside VAT has none (BR-O-05)."""
    if category == OUTSIDE:
        return None
    return _text("ram:RateApplicablePercent", plain(rate))


def _period(period: tuple[date, date]) -> Branch:
    return _node(
        "ram:BillingSpecifiedPeriod",
        _node("ram:StartDateTime", _day(period[0])),
        _node("ram:EndDateTime", _day(period[1])),
    )


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(day: date, prefix: str = "udt") -> Branch:
    return _text(f"{prefix}:DateTimeString", day.strftime("%Y%m%d"), format="102")


def _sum(tag: str, amount: Money, **attributes: str) -> Branch:
    return _text(tag, f"{amount.amount:f}", **attributes)


def _text(tag: str, text: str, **attributes: str) -> Branch:
    """Return an element with text; none for an empty one, which the rules refuse (PEPPOL-R008)."""
    return (tag, text, attributes, ()) if text else None


def _node(tag: str, *children: "Branch | Literal['', False]") -> Branch:
    return (tag, "", {}, tuple(child for child in children if child))


def _grow(parent: Any, branches: Iterable[Branch]) -> None:
    """Write branches below their parent, whose prefixes they share."""
    for branch in branches:
        if branch is None:
            continue
        tag, text, attributes, children = branch
        element = etree.SubElement(parent, _qualified(tag), attributes)
        if text:
            element.text = text
        _grow(element, children)


@cache
def _qualified(tag: str) -> str:
    prefix, _colon, name = tag.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{name}"
