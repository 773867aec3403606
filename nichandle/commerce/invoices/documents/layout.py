"""What stands where on the page, in words: figures are written here, typst only sets them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from unicodedata import normalize

from anyascii import anyascii
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nichandle.commerce.invoices.documents import cii, mentions
from nichandle.commerce.invoices.documents.pdf import letters
from nichandle.commerce.invoices.facts import Document, Line, Party, VatRow, said
from nichandle.commerce.invoices.sales.parties import siren_of
from nichandle.commerce.invoices.vat.deciding import day_of
from nichandle.platform.kernel.later import later
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording.languages import base, country_names

epc = later("segno.helpers")

LONGEST_WORD = 30
_ENDLESS = re.compile(rf"\S{{{LONGEST_WORD}}}")
PLAIN_ROWS = ("france-", "goods-france")
"""Whose VAT nobody wonders about: the page explains the others."""


def page_of(document: Document, *, number: str, issued_on: date) -> dict[str, Any]:
    """Return all words of the page, in the language that is spoken now."""
    title, seller = mentions.title_of(document), document.seller
    page = {
        "language": base(document.language),
        "title": title,
        "document_title": f"{title} {number} – {document.buyer.handle}",
        "specimen": _("Specimen from a demonstration: no payment is owed.") if seller.demo else "",
        "head": _head(document, number, issued_on),
        "seller": _seller(document),
        "buyer": _buyer(document),
        "facts": _facts(document),
        "about": _about(document),
        "columns": _columns(document),
        "lines": [_line(line, document) for line in document.lines],
        "vat": _vat(document),
        "reasons": _reasons(document),
        "totals": _totals(document),
        "payment": _payment(document, number),
        "mentions": _mentions(document),
        "foot": [_legal(document), _reach(document)],
    }
    return {key: _printable(value) for key, value in page.items()}


def _head(document: Document, number: str, issued_on: date) -> dict[str, Any]:
    return {
        "brand": document.seller.name,
        "rows": [
            [_("Client identifier"), document.buyer.handle],
            [mentions.title_of(document), number],
            [_("Date"), _short(issued_on, document)],
        ],
        "page": _("Page"),
        "place": _("%(number)s of %(count)s") % {"number": "{number}", "count": "{count}"},
    }


def _seller(document: Document) -> dict[str, Any]:
    seller = document.seller
    address = [
        *seller.lines,
        f"{seller.postcode} {seller.city}",
        _country(seller.country, document) if document.buyer.country != seller.country else "",
    ]
    numbers = [
        f"SIREN {seller.siren}" if seller.siren else "",
        _("VAT %(number)s") % {"number": seller.vat_number} if seller.vat_number else "",
    ]
    return {
        "label": _("Seller"),
        "name": seller.name,
        "lines": _kept(address),
        "numbers": _kept(numbers),
    }


def _buyer(document: Document) -> dict[str, Any]:
    buyer = document.buyer
    siren = siren_of(buyer)
    numbers = [
        f"SIREN {siren}" if siren else "",
        _("VAT %(number)s") % {"number": buyer.vat_number} if buyer.vat_number else "",
        _("Service %(code)s") % {"code": buyer.service_code} if buyer.service_code else "",
    ]
    return {
        "label": _("Customer"),
        "name": buyer.name,
        "lines": _kept(_address(buyer, document)),
        "numbers": _kept(numbers),
    }


def _address(buyer: Party, document: Document) -> list[str]:
    person = f"{buyer.given_name} {buyer.family_name}".strip()
    country = buyer.country != document.seller.country
    return [
        person if person != buyer.name else "",
        *buyer.lines,
        f"{buyer.postcode} {buyer.city}",
        _country(buyer.country, document) if country else "",
    ]


def _facts(document: Document) -> list[list[str]]:
    """Return what stands in one row above the lines: label and value."""
    settled = document.paid if mentions.is_settled(document) else None
    due = settled.paid_on if settled else document.due_date
    facts = [
        [_("Supplied on"), _short(document.delivered_on, document)],
        [_("Paid on") if settled else _("Due on"), _short(due, document)],
        [_("Purchase order"), document.purchase_order],
        [_("Reference"), _grouped(document.reference)],
    ]
    if document.kind == "credit_note":
        # Nothing is to be paid: neither by a day, nor with a reference.
        facts = [facts[0], facts[2]]
    return [fact for fact in facts if fact[1]]


def _about(document: Document) -> list[str]:
    """Return what a credit note corrects, and why."""
    told = []
    if document.corrects:
        number, issued_on = document.corrects
        day = day_of(issued_on, base(document.language))
        told.append(
            _("This credit note corrects invoice %(number)s of %(day)s.")
            % {"number": number, "day": day}
        )
    if document.cause:
        told.append(document.cause)
    return told


def _columns(document: Document) -> list[str]:
    symbol = _symbol(document)
    return [
        _("Description"),
        _("Quantity"),
        _("Unit price %(symbol)s") % {"symbol": symbol},
        _("VAT"),
        _("Before tax %(symbol)s") % {"symbol": symbol},
    ]


def _line(line: Line, document: Document) -> dict[str, Any]:
    period = ""
    if line.period:
        period = _("From %(start)s to %(end)s") % {
            "start": _short(line.period[0], document),
            "end": _short(line.period[1], document),
        }
    precision = get_currency_precision(document.currency)
    return {
        "label": line.label,
        "details": " · ".join(_kept([line.details, period])),
        "quantity": _decimal(line.quantity, document, 0),
        "unit": _unit(line),
        "price": _decimal(line.unit_price, document, precision),
        "vat": _rate(line.vat.category, line.vat.rate, document),
        "net": _amount(line.net, document),
    }


def _unit(line: Line) -> str:
    count = int(abs(line.quantity) > 1) + 1
    return {
        "MON": ngettext("month", "months", count),
        "ANN": ngettext("year", "years", count),
        "DAY": ngettext("day", "days", count),
        "HUR": ngettext("hour", "hours", count),
    }.get(line.unit, "")


def _vat(document: Document) -> dict[str, Any]:
    rows = [
        [
            _rate(row.category, row.rate, document),
            _amount(row.base, document),
            _amount(row.tax, document),
            _exemption(row, document),
        ]
        for row in document.totals.vat_rows
    ]
    return {"columns": [_("VAT rate"), _("Base"), _("VAT"), ""], "rows": rows}


def _exemption(row: VatRow, document: Document) -> str:
    return said(row.text, base(document.language))


def _reasons(document: Document) -> list[list[str]]:
    """Explain the VAT where somebody may wonder: question and answer."""
    told: dict[str, str] = {}
    for line in document.lines:
        vat = line.vat
        if not vat.reason or vat.row.startswith(PLAIN_ROWS):
            continue
        rate = _rate(vat.category, vat.rate, document)
        asked = _("Why %(rate)s?") % {"rate": rate} if vat.rate else _("Why no VAT?")
        told.setdefault(asked, said(vat.reason, base(document.language)))
    return [[asked, answer] for asked, answer in told.items()]


def _totals(document: Document) -> list[dict[str, Any]]:
    totals, paid = document.totals, document.paid
    symbol = _symbol(document)
    rows = [
        _total(_("Total before tax"), totals.net, document),
        _total(_("Total VAT"), totals.tax, document),
    ]
    with_tax = _("Total with tax %(symbol)s") % {"symbol": symbol}
    if document.kind == "credit_note":
        rows.append(_total(with_tax, totals.gross, document, weight="sum"))
    else:
        rows.append(_total(with_tax, totals.gross, document))
        if paid:
            rows.append(_total(_("Paid"), -paid.amount, document))
        owed = mentions.owed(document)
        rows.append(
            _total(_("To pay %(symbol)s") % {"symbol": symbol}, owed, document, weight="sum")
        )
    if document.conversion:
        change = document.conversion
        label = _("VAT in %(currency)s, at %(rate)s (%(source)s, %(day)s)") % {
            "currency": change.tax.currency,
            "rate": _decimal(change.rate, document, 0),
            "source": change.source,
            "day": _short(change.on, document),
        }
        rows.append(_total(label, change.tax, document, weight="note"))
    return rows


def _total(label: str, amount: Money, document: Document, *, weight: str = "") -> dict[str, str]:
    return {"label": label, "amount": _amount(amount, document), "weight": weight}


def _payment(document: Document, number: str) -> dict[str, Any]:
    """Return how it is paid: while unpaid, the transfer in words and as a code to photograph."""
    seller, told = document.seller, mentions.terms_of(document)
    owed = mentions.owed(document)
    if document.kind == "credit_note" or not seller.iban or owed.amount <= 0:
        return {"terms": told, "rows": [], "code": "", "alt": "", "hint": ""}
    reference = document.reference or number
    rows = [
        [_("Payee"), seller.name],
        ["IBAN", _grouped(seller.iban)],
        ["BIC", seller.bic],
        [_("Reference"), _grouped(document.reference) or number],
    ]
    return {
        "terms": told,
        "rows": [row for row in rows if row[1]],
        "code": _code(document, reference) if document.currency == "EUR" else "",
        "alt": _(
            "QR code of this bank transfer: IBAN %(iban)s, %(amount)s, reference %(reference)s"
        )
        % {
            "iban": seller.iban,
            "amount": owed.shown(base(document.language)),
            "reference": reference,
        },
        "hint": _("Transfer by photograph"),
    }


def _code(document: Document, reference: str) -> str:
    """Draw the code of a SEPA transfer (EPC069-12): what a bank's app fills its form from."""
    seller = document.seller
    carried = {"reference": reference} if reference.startswith("RF") else {"text": reference}
    code = epc.make_epc_qr(
        name=seller.name[:70],
        iban=seller.iban,
        bic=seller.bic or None,
        amount=mentions.owed(document).amount,
        **carried,
    )
    drawn = BytesIO()
    code.save(drawn, kind="svg", xmldecl=False, border=0, dark="#16181f", light=None)
    return drawn.getvalue().decode()


def _mentions(document: Document) -> list[str]:
    """Return what is said in small type; where nobody can pay late, nothing of paying late."""
    unsaid: frozenset[str] = frozenset()
    if document.kind == "credit_note":
        unsaid = mentions.OF_PAYMENT
    elif document.buyer.kind in mentions.CONSUMERS:
        unsaid = mentions.OF_PROFESSIONALS
    return [each.text for each in mentions.mentions_of(document) if each.code not in unsaid]


def _legal(document: Document) -> str:
    seller = document.seller
    return " – ".join(_kept([seller.name, mentions.seller_line(document, vat_number=True)]))


def _reach(document: Document) -> str:
    seller = document.seller
    place = ", ".join(_kept([*seller.lines, f"{seller.postcode} {seller.city}"]))
    return " – ".join(_kept([place, seller.phone, seller.email, seller.website]))


def _kept(parts: Sequence[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]


def _country(code: str, document: Document) -> str:
    return country_names(document.language).get(code, code)


def _short(day: date | None, document: Document) -> str:
    if day is None:
        return ""
    french = base(document.language) == "fr"
    return str(format_date(day, "dd/MM/y" if french else "d MMM y", base(document.language)))


def _rate(category: str, rate: Decimal, document: Document) -> str:
    if category == cii.OUTSIDE:
        return "–"
    figure = format_decimal(rate, "0.##", base(document.language))
    return f"{figure}\u00a0%" if base(document.language) == "fr" else f"{figure}%"


def _amount(money: Money, document: Document) -> str:
    return _decimal(money.amount, document, get_currency_precision(money.currency))


def _decimal(value: Decimal, document: Document, least: int) -> str:
    pattern = "#,##0." + "0" * least + "#" * (6 - least)
    written = str(format_decimal(value, pattern, base(document.language)))
    return written.replace("-", "\u2212")


def _symbol(document: Document) -> str:
    return str(get_currency_symbol(document.currency, base(document.language)))


def _grouped(text: str) -> str:
    """Set an account or a reference in groups of four; a number of ours stays as it is."""
    parts = [text[at : at + 4] for at in range(0, len(text), 4)]
    return "\u00a0".join(parts)


def _printable(value: Any) -> Any:
    """
    Write letters that the typefaces lack in letters they have; the XML keeps what was typed.

    PDF/A forbids a letter without a drawing (ISO 19005-3, 6.2.11.8): 東京 becomes Dong Jing.
    """
    if isinstance(value, str):
        known, text = letters(), normalize("NFC", value)
        if not all(ord(sign) in known for sign in text):
            text = "".join(sign if ord(sign) in known else anyascii(sign) for sign in text)
        # A word without end would run over its neighbours: it may break where nobody sees it.
        return _ENDLESS.sub("\\g<0>\u200b", text) if len(text) > LONGEST_WORD else text
    if isinstance(value, Mapping):
        return {key: each if key == "code" else _printable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_printable(each) for each in value]
    return value
