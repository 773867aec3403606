"""The list of fields, by country and kind of holder."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.rules import numbers, places
from nichandle.identity.accounts.rules.model import FieldRule
from nichandle.platform.kernel.wording import languages

KINDS = (
    ("individual", _("Individual"), _("For yourself, as a private person.")),
    ("corporation", _("Company"), _("Companies, and sole traders buying for their work.")),
    ("association", _("Association"), _("Registered associations, foundations, unions.")),
    ("administration", _("Public administration"), _("The state, local and public bodies.")),
    ("other", _("Other"), _("Whoever fits none of the above.")),
)
KIND_LABELS = tuple((kind, label) for kind, label, _help in KINDS)
ORGANISED = {"corporation", "association", "administration"}

FRENCH_CORPORATIONS: tuple[tuple[str, str | Promise], ...] = (
    *(
        (name, name)
        for name in ["EI", "EURL", "SARL", "SASU", "SAS", "SA", "SNC", "SCS", "SCA", "SCOP"]
    ),
    ("other", _("Other form")),
)
LABELS = {
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "organisation": _("Name of the organisation"),
    "corporation_type": _("Legal form"),
    "company_number": _("SIREN or SIRET"),
    "association_number": _("RNA number"),
    "vat_number": _("VAT number"),
    "address": _("Address"),
    "address_more": _("Building, floor, care of"),
    "postcode": _("Postcode"),
    "city": _("City"),
    "area": _("State or province"),
    "phone": _("Telephone"),
}
"""The fields' names for lists of changes; a country may name a number more exactly."""

NAME_PATTERN = r"[^<>\[\]\{\}@\|\\\^~#$%*=_]+"
NAME_ERROR = _("Enter a name: letters, spaces, apostrophes and dashes.")


def rules_for(*, country: str, kind: str) -> list[FieldRule]:
    """
    Return the fields of the details form, in the order in which they are asked.

    ``country`` is an ISO 3166 code, ``kind`` one of ``KINDS``. A field without rule is not asked.
    """
    return [*_organisation(country, kind), *_person(), *_place(country), _phone(country)]


def _person() -> Iterator[FieldRule]:
    only = _("If you have one name only, enter a dash here.")
    for name, label, token, example, said, check in (
        ("given_name", _("Given name"), "given-name", "Diane", "", numbers.person_name),
        ("family_name", _("Family name"), "family-name", "Mercier", only, numbers.family_name),
    ):
        yield FieldRule(
            name,
            label,
            maximum=80,
            pattern=NAME_PATTERN,
            error=NAME_ERROR,
            example=example,
            help=said,
            check=check,
            autocomplete=token,
        )


def _organisation(country: str, kind: str) -> Iterator[FieldRule]:
    if kind not in ORGANISED and kind != "other":
        return
    yield FieldRule(
        "organisation",
        _("Name of the organisation"),
        mandatory=kind in ORGANISED,
        maximum=160,
        example="Boulangerie Mercier",
        help=_("As it stands in the register."),
        autocomplete="organization",
    )
    if kind == "other":
        return
    if country in numbers.FRENCH_REGISTER:
        yield from _french_numbers(kind)
    else:
        yield FieldRule(
            "company_number",
            _("National company number"),
            mandatory=False,
            maximum=32,
            pattern=r"[^<>\[\]\{\}@\|\\\^~#$%*=\"]+",
            error=_("Enter the number as it stands in the register."),
            check=numbers.register,
        )
    if country in numbers.VAT_COUNTRIES:
        yield _vat(country)


def _french_numbers(kind: str) -> Iterator[FieldRule]:
    if kind == "corporation":
        yield FieldRule(
            "corporation_type", _("Legal form"), choices=FRENCH_CORPORATIONS, maximum=16
        )
    if kind == "association":
        yield FieldRule(
            "association_number",
            _("RNA number"),
            mandatory=False,
            maximum=40,
            pattern=numbers.ASSOCIATION,
            error=_("Enter the RNA number: W and nine digits, such as W751234567."),
            help=_(
                "W and nine digits; in Alsace and Moselle the court, the volume and the folio. "
                "Without one, give the SIREN or SIRET below."
            ),
            example="W751234567",
            tidy=numbers.association_written,
            check=numbers.french_association,
        )
    yield FieldRule(
        "company_number",
        _("SIREN or SIRET"),
        mandatory=kind != "association",
        maximum=20,
        pattern=numbers.FRENCH_COMPANY,
        error=_("Enter the SIREN (9 digits) or the SIRET (14 digits) of the register."),
        example="732 829 320 00074",
        tidy=numbers.bare,
        check=numbers.french_company,
        inputmode="numeric",
    )


def _vat(country: str) -> FieldRule:
    return FieldRule(
        "vat_number",
        _("VAT number"),
        mandatory=False,
        maximum=20,
        help=_("If you have one: it decides which VAT your invoices bear."),
        example="FR44732829320" if country in numbers.FRENCH_REGISTER else "",
        tidy=numbers.bare,
        check=numbers.vat,
    )


def _place(country: str) -> Iterator[FieldRule]:
    known = places.of(country)
    yield FieldRule(
        "address",
        _("Address"),
        maximum=160,
        example="12 rue des Lilas",
        autocomplete="address-line1",
    )
    yield FieldRule(
        "address_more",
        _("Building, floor, care of"),
        mandatory=False,
        maximum=160,
        autocomplete="address-line2",
    )
    if "postal_code" in known.allowed:
        yield _postcode(country, known)
    yield FieldRule(
        "city",
        _("City"),
        mandatory="city" in known.required or not known.required,
        maximum=100,
        autocomplete="address-level2",
    )
    if "country_area" in known.required:
        yield FieldRule(
            "area",
            _("State or province"),
            maximum=80,
            choices=places.areas(country, languages.base(languages.current())),
            autocomplete="address-level1",
        )


def _postcode(country: str, known: places.Place) -> FieldRule:
    digits = country in numbers.FRENCH_REGISTER
    return FieldRule(
        "postcode",
        _("Postcode"),
        mandatory="postal_code" in known.required,
        maximum=16,
        pattern=known.postcode,
        error=_("This is not a postcode of the country chosen."),
        example=known.postcode_example,
        tidy=lambda text: numbers.postcode_written(text, country),
        check=numbers.postcode,
        autocomplete="postal-code",
        inputmode="numeric" if digits else "text",
    )


def _phone(country: str) -> FieldRule:
    return FieldRule(
        "phone",
        _("Telephone"),
        minimum=4,
        maximum=30,
        help=_("So that customer service can call you back."),
        example=numbers.phone_example(country),
        prefix=numbers.phone_prefix(country),
        check=numbers.phone,
        autocomplete="tel",
        inputmode="tel",
    )
