"""The seller's registered numbers, checked by python-stdnum; each says what to write instead."""

from collections.abc import Callable, Mapping
from types import ModuleType

from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret


def _checked(module: ModuleType, sentence: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        try:
            module.validate(value)
        except ValidationError:
            return sentence
        return "" if module.compact(value) == value else "must be written without spaces."

    return check


def _email(value: str) -> str:
    local, at, domain = value.partition("@")
    good = local and at and "." in domain and " " not in value
    return "" if good else "must be an address such as facturation@example.org."


def _country(value: str) -> str:
    good = len(value) == 2 and value.isascii() and value.isupper()
    return "" if good else "must be a country code of ISO 3166 such as FR."


def _electronic(value: str) -> str:
    scheme, colon, rest = value.partition(":")
    good = len(scheme) == 4 and scheme.isdecimal() and colon and rest
    return "" if good else "must be scheme and value (ISO 6523), such as 0225:732829320."


CHECKS: Mapping[str, Callable[[str], str]] = {
    "siren": _checked(siren, "is no SIREN: nine digits, the last one a check digit."),
    "siret": _checked(siret, "is no SIRET: fourteen digits, the last one a check digit."),
    "vat_number": _checked(vat, "is no VAT number: country code and digits, FR44732829320."),
    "iban": _checked(iban, "is no IBAN: its check digits do not fit."),
    "bic": _checked(bic, "is no BIC: eight or eleven letters and digits."),
    "email": _email,
    "country": _country,
    "electronic_address": _electronic,
}
