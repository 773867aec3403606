"""Numbers that states issue, checked by libraries: companies, associations, VAT, telephones."""

import re
import unicodedata
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret, tva

from nichandle.identity.accounts.rules import places
from nichandle.identity.accounts.rules.model import NotValid
from nichandle.platform.kernel.later import later

phonenumbers = later("phonenumbers")

FRENCH_COMPANY = r"[0-9]{9}(?:[0-9]{5})?"
FRENCH_ASSOCIATION = r"W[0-9][0-9A-Z][0-9]{7}"
COURT_ENTRY = r"[^0-9,;/<>]{2,28} [0-9]{1,4}/[0-9]{1,5}"
ASSOCIATION = f"(?:{FRENCH_ASSOCIATION}|{COURT_ENTRY})"
COURTS = ("57", "67", "68")
"""The departments, by postcode, whose associations are registered by courts."""
_DASH = re.compile(r"[\-\u2010-\u2015\u2212]")
_EXTENSION = re.compile(r"[\s,;]*\bposte\s*(?:n[o°]\s*)?([0-9]{1,6})\s*\Z", re.IGNORECASE)
"""How the French write an extension; what other languages say the library knows."""
_COURT_ENTRY = re.compile(
    r"([^\W\d_][^\d,;/]{1,30}?)[\s,;:]+(?:vol(?:ume|\.)?\s*)?([0-9]{1,4})"
    r"[\s,;/]+(?:fol(?:io|\.)?|f[o°.]?|n[o°.]?)?\s*([0-9]{1,5})",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s.\-/\u2010-\u2014]+")
EU_COUNTRIES = frozenset(code.upper() for code in eu_vat.MEMBER_STATES) - {"XI", "EL"} | {"GR"}
_VAT_PREFIX = {"GR": "EL", "GP": "FR", "MC": "FR", "MQ": "FR", "RE": "FR"}
"""
Where it is not the country's code: Greece (directive 2006/112/EC, article 215), Monaco (the same,
article 7), and the overseas departments where French VAT applies (CGI, article 294).
"""
VAT_COUNTRIES = EU_COUNTRIES | _VAT_PREFIX.keys()
FRENCH_REGISTER = frozenset({"FR", "BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"})
"""France and the places overseas that INSEE's SIRENE register covers."""


FRENCH_PLANS = ("FR", "RE", "YT", "GP", "GF", "MQ", "PM", "BL", "MF", "NC", "PF", "WF")
"""Whose telephone numbers people of France have or call, the most frequent first."""

OVERSEAS = re.compile("0(?:262|263|269|508|590|594|596)")
"""Beginnings that the French plan keeps for places overseas (ARCEP decision 2018-0881)."""


def french_company(text: str, country: str) -> str:
    """SIREN (9 digits) or SIRET (14), with their Luhn key (decree 97-497; La Poste excepted)."""
    number = bare(text)
    if re.fullmatch(FRENCH_COMPANY, number) is None:
        raise NotValid(_("Enter the SIREN (9 digits) or the SIRET (14 digits) of the register."))
    checker = siret if len(number) == 14 else siren
    try:
        return str(checker.validate(number))
    except ValidationError as reason:
        raise NotValid(
            _("This SIREN or SIRET does not exist: one of its digits is wrong.")
        ) from reason


def french_association(text: str, country: str) -> str:
    """RNA number: W, department, seven digits (decree of 14 October 2009); or a court's entry."""
    number = association_written(text)
    if re.fullmatch(ASSOCIATION, number) is None:
        raise NotValid(_("Enter the RNA number: W and nine digits, such as W751234567."))
    return number


def vat(text: str, country: str) -> str:
    """VAT number of an EU country, with its prefix added where it was left out."""
    number = bare(text)
    prefix = _VAT_PREFIX.get(country, country)
    if country == "GR":
        # Written by Greeks as often as the prefix the directive gives them.
        number = number.removeprefix("GR")
    if not number.startswith(prefix):
        number = prefix + number
    try:
        if prefix == "FR":
            return prefix + str(tva.validate(number))
        return str(eu_vat.validate(number))
    except ValidationError as reason:
        raise NotValid(
            _("This VAT number is not complete or one of its digits is wrong.")
        ) from reason


def phone(text: str, country: str) -> str:
    """
    A telephone number in national or international form, stored as E.164 (ITU-T).

    France and its places overseas write each other's numbers alike, with one 0 before them, so a
    number is looked for in all their plans. E.164 has no extension: one would be lost.
    """
    for place in _plans(text, country):
        number = _phone_of(text, place)
        if number is None:
            continue
        if number.extension:
            raise NotValid(_("Enter the number without its extension."))
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    raise NotValid(_wrong_phone())


def _plans(text: str, country: str) -> tuple[str, ...]:
    """Return the countries in whose plans a number may stand, in the order of looking."""
    if country not in FRENCH_PLANS:
        return (country,)
    if country == "FR" and OVERSEAS.match(bare(text)):
        return (*FRENCH_PLANS[1:], country)
    return (country, *FRENCH_PLANS)


def _phone_of(text: str, country: str) -> Any:
    try:
        number = phonenumbers.parse(_EXTENSION.sub(r" ext. \1", text), country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def phone_shown(stored: str) -> str:
    """Write a stored number in the groups that its country reads it in, with its plus."""
    try:
        number = phonenumbers.parse(stored, None)
    except phonenumbers.NumberParseException:
        return stored
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def postcode(text: str, country: str) -> str:
    """
    A postcode of the country, in Google's address data.

    Accepted with the letters that stand before it at home or on mail from abroad (``L-2998``,
    ``D-10115``), which are not kept, and whatever stands between its parts.
    """
    written, pattern = postcode_written(text, country), places.of(country).postcode
    if pattern and re.fullmatch(pattern, written, re.ASCII) is None:
        raise NotValid(_("This is not a postcode of the country chosen."))
    return written


def postcode_written(text: str, country: str) -> str:
    """Write what was typed as a postcode of the country, where it can be one."""
    known, written = places.of(country), capitals(text)
    for tried in places.writings(known, country, written):
        if known.postcode is None or re.fullmatch(known.postcode, tried, re.ASCII):
            return tried.replace(" ", "") if country in FRENCH_REGISTER else tried
    return written


def register(text: str, country: str) -> str:
    """A number of a register abroad, with the name of its court where it has one: HRB 12345."""
    if not any(unicodedata.category(sign) == "Nd" for sign in text):
        raise NotValid(_("Enter the number as it stands in the register."))
    return text


def association_written(text: str) -> str:
    """
    Write an RNA number bare, and an entry in a court's register as ``Strasbourg 93/58``.

    Associations of Alsace-Moselle are in the register of their court, by volume and folio, and in
    no RNA (local civil code, articles 21 and 55). What is neither is left as it is.
    """
    found = _COURT_ENTRY.fullmatch(text.strip())
    if found is None or re.fullmatch(FRENCH_ASSOCIATION, bare(text)):
        return bare(text)
    court, volume, folio = (part.strip(" ,;") for part in found.groups())
    return f"{court} {volume}/{folio}"


def person_name(text: str, country: str) -> str:
    """A name of a person begins with a letter; which other signs it has is left to the pattern."""
    first = next((sign for sign in text if sign.isalnum()), "")
    if not first.isalpha():
        raise NotValid(_("Enter a name: letters, spaces, apostrophes and dashes."))
    return text


def family_name(text: str, country: str) -> str:
    """A family name; a dash alone says that there is none, so that none is forgotten."""
    return "" if _DASH.fullmatch(text) else person_name(text, country)


def capitals(text: str) -> str:
    """Bring to capitals and to European digits of the usual width, whatever keyboard it was."""
    narrow = unicodedata.normalize("NFKC", text).upper()
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in narrow).strip()


def bare(text: str) -> str:
    """Leave out what people put between digits, and bring the rest to capitals."""
    return _SEPARATORS.sub("", capitals(text))


def french_vat_of(company_number: str) -> str:
    """Return the VAT number that a SIREN or SIRET gives: key (12 + 3 × SIREN mod 97) mod 97."""
    number = company_number[:9]
    return f"FR{(12 + 3 * (int(number) % 97)) % 97:02d}{number}"


def phone_example(country: str) -> str:
    """Return a number of the country as it is written there; empty when none is known."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return ""
    return str(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL))


def phone_prefix(country: str) -> str:
    """Return a country's calling code with its plus; empty when it has none."""
    code = phonenumbers.country_code_for_region(country)
    return f"+{code}" if code else ""


def _wrong_phone() -> Promise:
    return _(
        "Enter a complete telephone number; from abroad with its +, such as +33 6 12 34 56 78."
    )
