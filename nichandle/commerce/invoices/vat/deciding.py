"""What VAT a sale bears, and why."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_percent

from nichandle.commerce.invoices.facts import Evidence, Party, Seller, Vat
from nichandle.commerce.invoices.vat import tables
from nichandle.commerce.invoices.vat.asking import NumberElsewhere, PlaceNotClear
from nichandle.commerce.invoices.vat.circumstances import Circumstances, circumstances_of
from nichandle.commerce.invoices.vat.tables import VatRule
from nichandle.commerce.invoices.vat.territories import kin, parent, strays
from nichandle.platform.kernel.wording.languages import country_names, current

LANGUAGES = ("fr", "en")
_PREFIXES = {"EL": "GR", "XI": "GB"}
"""Beginnings of VAT numbers that are no country codes: Directive 2006/112/EC, article 215."""
_CONFIRMED = {
    "fr": "a été confirmé par VIES le {on}{consultation}",
    "en": "was confirmed by VIES on {on}{consultation}",
}


def decide(
    vat_class: str, *, buyer: Party, seller: Seller, on: date, evidence: Evidence | None
) -> Vat:
    """
    Return the VAT of one class of product for a customer on a day, with the reason for it.

    :raises PlaceNotClear: when what is known points to two places whose VAT differs
    :raises NumberElsewhere: when the VAT number is of another state than the address
    """
    known = evidence or Evidence()
    found = _decide(vat_class, buyer=buyer, seller=seller, on=on, evidence=known)
    _check_number(buyer, known, found)
    if strays(buyer.country, buyer.postcode):
        raise PlaceNotClear(stated=_named(buyer.country), found=buyer.postcode)
    for country in _contradicting(buyer, known):
        there = Party(
            name=buyer.name, lines=(), postcode="", city="", country=country, kind=buyer.kind
        )
        other = _decide(vat_class, buyer=there, seller=seller, on=on, evidence=known)
        if _is_consumer(found) and (other.category, other.rate) != (found.category, found.rate):
            raise PlaceNotClear(stated=_named(buyer.country), found=_named(country))
    return found


def _decide(vat_class: str, *, buyer: Party, seller: Seller, on: date, evidence: Evidence) -> Vat:
    sale = circumstances_of(vat_class, buyer=buyer, seller=seller, on=on, evidence=evidence)
    row = next(row for row in tables.rows() if row.holds(sale.values))
    rate = _rate(row, sale, seller, on)
    filled = {
        language: _filled(language, rate, sale, buyer, evidence, vat_class)
        for language in LANGUAGES
    }
    return Vat(
        row=row.key,
        category=row.category,
        rate=rate,
        code=row.code,
        text={each: text.format_map(filled[each]) for each, text in row.text.items()},
        reason={each: text.format_map(filled[each]) for each, text in row.reason.items()},
        channel=row.channel.get(str(sale.values["holder"]), ""),
    )


def _rate(row: VatRule, sale: Circumstances, seller: Seller, on: date) -> Decimal:
    if not row.rate:
        return Decimal(0)
    return tables.rate("FR" if row.rate == "FR" else sale.territory.rates, on)


def _filled(
    language: str,
    rate: Decimal,
    sale: Circumstances,
    buyer: Party,
    evidence: Evidence,
    vat_class: str,
) -> Mapping[str, str]:
    number = buyer.vat_number
    return {
        "place": sale.territory.place.get(language) or _named(sale.territory.code, language),
        "rate": _percent(rate, language),
        "number": number,
        "answered": _confirmed(language, evidence),
        "doubt": _doubt(language, buyer, evidence),
        "article": _article(str(sale.values["holder"]), vat_class),
    }


@lru_cache(256)
def _percent(rate: Decimal, language: str) -> str:
    """Write a rate; there are few of them, and a shop's page asks for them over and over."""
    form = "0.##\u00a0%" if language == "fr" else "0.##%"
    return str(format_percent(rate / 100, form, language))


def _confirmed(language: str, evidence: Evidence) -> str:
    if evidence.answered_on is None:
        return ""
    bracket = f" (consultation {evidence.consultation})" if evidence.consultation else ""
    return _CONFIRMED[language].format(
        on=day_of(evidence.answered_on, language), consultation=bracket
    )


def day_of(on: date, language: str) -> str:
    """Write a day in full, as letters do: "1er décembre 2026", "1 December 2026"."""
    text = str(format_date(on, "d MMMM y", language))
    return text.replace("1 ", "1er ", 1) if language == "fr" and on.day == 1 else text


def _doubt(language: str, buyer: Party, evidence: Evidence) -> str:
    if not buyer.vat_number:
        kind = "none"
    else:
        kind = "invalid" if evidence.answer == "invalid" else "silent"
    return tables.doubts()[language][kind].format(number=buyer.vat_number)


def _article(holder: str, vat_class: str) -> str:
    if holder != "consumer":
        return "259-1"
    return "259 B" if vat_class == "advice" else "259 D"


def _check_number(buyer: Party, evidence: Evidence, found: Vat) -> None:
    """Only a number that VIES confirmed counts as evidence: of others the row says what they do."""
    prefix = buyer.vat_number[:2].upper()
    stated = _PREFIXES.get(prefix, prefix)
    confirmed = evidence.answer == "valid" and evidence.vat_number == buyer.vat_number
    if confirmed and stated != "EU" and not kin(stated, buyer.country):
        raise NumberElsewhere(number=buyer.vat_number, stated=_named(buyer.country))


def _contradicting(buyer: Party, evidence: Evidence) -> list[str]:
    """
    Return the countries that the evidence names against the address.

    Two items that agree are enough, whatever a third says: Regulation 282/2011, article 24b.
    """
    agree = [place for place in evidence.places if kin(place.country, buyer.country)]
    others = [place.country for place in evidence.places if not kin(place.country, buyer.country)]
    return [] if agree and len(others) < 2 else sorted(set(map(parent, others)))


def _is_consumer(found: Vat) -> bool:
    return not found.row.endswith("-business")


def _named(country: str, language: str = "") -> str:
    return country_names(language or current()).get(country, country)
