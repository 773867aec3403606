"""Numbers that states issue, checked by libraries: companies, associations, VAT, telephones."""

import re
import unicodedata

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
    """RNA number: W, department or territory, seven digits (decree of 14 October 2009)."""
    number = bare(text)
    if re.fullmatch(FRENCH_ASSOCIATION, number) is None:
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
    """A telephone number in national or international form, stored as E.164 (ITU-T)."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as reason:
        raise NotValid(_wrong_phone()) from reason
    if not phonenumbers.is_valid_number(number):
        raise NotValid(_wrong_phone())
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def postcode(text: str, country: str) -> str:
    """A postcode of the country, in Google's address data."""
    written, pattern = capitals(text), places.of(country).postcode
    if pattern and re.fullmatch(pattern, written, re.ASCII) is None:
        raise NotValid(_("This is not a postcode of the country chosen."))
    return written.replace(" ", "") if country in FRENCH_REGISTER else written


def person_name(text: str, country: str) -> str:
    """A name of a person begins with a letter; which other signs it has is left to the pattern."""
    first = next((sign for sign in text if sign.isalnum()), "")
    if not first.isalpha():
        raise NotValid(_("Enter a name: letters, spaces, apostrophes and dashes."))
    return text


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
