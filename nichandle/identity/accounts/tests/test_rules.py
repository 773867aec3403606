"""The rules of the details form: France complete, the EU's VAT numbers, every country's address."""

import json
import re
from contextlib import suppress

import phonenumbers
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from stdnum.eu import vat as eu_vat

from nichandle.identity.accounts import countries
from nichandle.identity.accounts.forms import DetailsForm
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.rules import KIND_LABELS, LABELS, places, rules_for, validate
from nichandle.identity.accounts.rules.model import NotValid
from nichandle.identity.accounts.rules.numbers import (
    EU_COUNTRIES,
    FRENCH_REGISTER,
    VAT_COUNTRIES,
    bare,
    french_association,
    french_company,
    french_vat_of,
    phone,
    postcode,
    vat,
)
from nichandle.platform.kernel.languages import base, known

KINDS = [kind for kind, _label in KIND_LABELS]
COUNTRIES = sorted(countries.codes())
PARIS = {
    "given_name": "Diane",
    "family_name": "Mercier",
    "address": "12 rue des Lilas",
    "postcode": "75020",
    "city": "Paris",
    "phone": "06 12 34 56 78",
}
COMPANY = {
    **PARIS,
    "organisation": "Boulangerie Mercier",
    "corporation_type": "SARL",
    "company_number": "732 829 320 00074",
    "vat_number": "FR44732829320",
}

# One number of each country that its own rules accept.
VAT_NUMBERS = {
    "AT": "ATU13585627", "BE": "BE0428759497", "BG": "BG175074752", "CY": "CY10259033P",
    "CZ": "CZ25123891", "DE": "DE136695976", "DK": "DK13585628", "EE": "EE100931558",
    "ES": "ESB58378431", "FI": "FI20774740", "FR": "FR40303265045", "GR": "EL094259216",
    "HR": "HR33392005961", "HU": "HU12892312", "IE": "IE6433435F", "IT": "IT00743110157",
    "LT": "LT119511515", "LU": "LU15027442", "LV": "LV40003521600", "MT": "MT11679112",
    "NL": "NL004495445B01", "PL": "PL8567346215", "PT": "PT501964843", "RO": "RO18547290",
    "SE": "SE123456789701", "SI": "SI50223054", "SK": "SK2022749619",
}  # fmt: skip


def check(values, *, country="FR", kind="individual"):
    return validate(values, rules_for(country=country, kind=kind), country=country)


def test_an_individual_in_france():
    stored, wrong = check(PARIS)

    assert wrong == {}
    assert stored["phone"] == "+33612345678"
    assert stored["postcode"] == "75020"


def test_a_company_in_france():
    stored, wrong = check(COMPANY, kind="corporation")

    assert wrong == {}
    assert stored["company_number"] == "73282932000074"
    assert stored["vat_number"] == "FR44732829320"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("country", ["FR", "DE", "US", "JP", "AE"])
def test_an_empty_form_names_every_mandatory_field_and_no_other(country, kind):
    rules = rules_for(country=country, kind=kind)
    _stored, wrong = check({}, country=country, kind=kind)

    assert set(wrong) == {rule.name for rule in rules if rule.mandatory} or (
        kind == "association" and country == "FR"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_country_has_rules_and_a_form_that_agrees_with_them(kind):
    for country in COUNTRIES:
        rules = rules_for(country=country, kind=kind)
        names = [rule.name for rule in rules]
        assert len(names) == len(set(names)), country
        assert {"given_name", "family_name", "address", "phone"} <= set(names), country
        form = DetailsForm(country=country, kind=kind)
        assert list(form.fields) == names
        for rule in rules:
            assert form.fields[rule.name].required is rule.mandatory
            assert rule.as_api()["fieldName"] == rule.name


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("732829320", True),
        ("732 829 320 00074", True),
        ("356000000", True),
        ("35600000000048", True),
        ("35600000049837", True),
        ("732829321", False),
        ("73282932000075", False),
        ("12345", False),
        ("ABCDEFGHI", False),
    ],
)
def test_siren_and_siret_by_their_key_la_poste_included(number, good):
    if good:
        assert french_company(number, "FR").isdigit()
    else:
        with pytest.raises(NotValid):
            french_company(number, "FR")


@given(st.from_regex(r"[0-9]{8}", fullmatch=True), st.integers(0, 8), st.integers(1, 9))
def test_a_wrong_digit_in_a_siren_is_refused(digits, place, shift):
    luhn = sum(sum(divmod(int(digit) * (2 if i % 2 else 1), 10)) for i, digit in enumerate(digits))
    siren = digits + str(-luhn % 10)
    assert french_company(siren, "FR") == siren
    wrong = siren[:place] + str((int(siren[place]) + shift) % 10) + siren[place + 1 :]
    with pytest.raises(NotValid):
        french_company(wrong, "FR")


@given(st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_the_vat_number_of_a_siren_is_accepted(digits):
    luhn = sum(sum(divmod(int(digit) * (2 if i % 2 else 1), 10)) for i, digit in enumerate(digits))
    number = french_vat_of(digits + str(-luhn % 10))
    assert vat(number, "FR") == number


def test_a_vat_number_of_another_company_is_told_with_the_right_one():
    _stored, wrong = check({**COMPANY, "vat_number": "FR40303265045"}, kind="corporation")

    assert "FR44732829320" in str(wrong["vat_number"])


def test_every_eu_country_has_a_vat_number_here():
    assert set(VAT_NUMBERS) == EU_COUNTRIES
    assert len(EU_COUNTRIES) == 27


@pytest.mark.parametrize(("country", "number"), VAT_NUMBERS.items())
def test_vat_numbers_of_the_eu(country, number):
    assert vat(number, country) == eu_vat.compact(number)
    assert vat(number[2:], country) == eu_vat.compact(number)
    assert vat(f"{number[:4]} {number[4:]}".lower(), country) == eu_vat.compact(number)
    with pytest.raises(NotValid):
        vat(number + "7777777", country)


@pytest.mark.parametrize("number", ["W751234567", "w751 234 567", "W9R1000123"])
def test_rna_numbers(number):
    assert french_association(number, "FR").startswith("W")


def test_an_association_needs_one_of_its_two_numbers():
    values = {**PARIS, "organisation": "Chorale des Dunes"}
    _stored, wrong = check(values, kind="association")
    assert set(wrong) == {"association_number"}
    assert check({**values, "association_number": "W593004217"}, kind="association")[1] == {}
    assert check({**values, "company_number": "732829320"}, kind="association")[1] == {}


@pytest.mark.parametrize(
    ("text", "country", "stored"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6.12.34.56.78", "FR", "+33612345678"),
        ("+49 30 123456", "FR", "+4930123456"),
        ("(202) 456-1111", "US", "+12024561111"),
    ],
)
def test_telephones_become_e164(text, country, stored):
    assert phone(text, country) == stored


@given(st.text(max_size=30))
def test_nothing_a_person_types_breaks_a_number(text):
    for checker in (french_company, french_association, vat, phone):
        with suppress(NotValid):
            assert checker(text, "FR")


@given(st.dictionaries(st.sampled_from(list(COMPANY)), st.text(max_size=200)))
def test_nothing_a_person_types_breaks_the_rules(values):
    stored, wrong = check(values, kind="corporation")
    for rule in rules_for(country="FR", kind="corporation"):
        assert rule.name in wrong or len(stored.get(rule.name, "")) <= rule.maximum


@pytest.mark.parametrize("name", ["<script>", "12345", "a@b", "", "   "])
def test_what_is_no_name_is_refused(name):
    assert "given_name" in check({**PARIS, "given_name": name})[1]


@pytest.mark.parametrize("name", ["Zoë", "Jean-Pierre", "O’Neil", "D'Arc", "王", "Ngọc Hân", "Mª"])
def test_names_of_people_are_accepted(name):
    assert check({**PARIS, "given_name": name})[1] == {}


@pytest.mark.parametrize(
    ("country", "good", "bad"),
    [
        ("FR", "59800", "5980"),
        ("DE", "10115", "1011"),
        ("GB", "SW1A 1AA", "SW1"),
        ("US", "95014", "9501"),
    ],
)
def test_postcodes_of_their_country(country, good, bad):
    assert postcode(good, country)
    with pytest.raises(NotValid):
        postcode(bad, country)


KEYBOARD = st.text(
    st.one_of(
        st.characters(max_codepoint=0x17F, exclude_categories=["Cs"]),
        st.sampled_from("ßŉǰﬁﷺ㍿㈱０９１٣７－–\u00a0\u202f\u200d王あü'’./+()"),
    ),
    max_size=200,
)


@given(
    st.sampled_from(COUNTRIES),
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(list(LABELS)), KEYBOARD),
)
def test_what_the_rules_accept_fits_the_columns_in_every_country(country, kind, values):
    stored, wrong = check(values, country=country, kind=kind)
    for name in stored.keys() - wrong.keys():
        assert len(stored[name]) <= Account._meta.get_field(name).max_length


@given(st.sampled_from(sorted(EU_COUNTRIES)), KEYBOARD)
def test_what_is_stored_of_a_vat_number_is_accepted_again(country, text):
    with suppress(NotValid):
        number = vat(text, country)
        assert vat(number, country) == number


@given(st.sampled_from(COUNTRIES), KEYBOARD)
def test_what_is_stored_of_a_postcode_or_telephone_is_accepted_again(country, text):
    for checker in (postcode, phone):
        with suppress(NotValid):
            stored = checker(text, country)
            assert checker(stored, country) == stored


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_examples_shown_are_accepted(country):
    for rule in rules_for(country=country, kind="corporation"):
        if rule.example and not rule.choices:
            stored, wrong = validate({rule.name: rule.example}, [rule], country=country)
            assert wrong == {}, rule.name
            assert stored[rule.name]


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), st.data())
def test_every_countrys_example_telephone_is_accepted_in_any_writing(country, data):
    example = phonenumbers.example_number(country)
    way = data.draw(st.sampled_from(["NATIONAL", "INTERNATIONAL", "E164", "RFC3966"]))
    form = getattr(phonenumbers.PhoneNumberFormat, way)
    typed = phonenumbers.format_number(example, form)
    assert phone(typed, country) == phonenumbers.format_number(
        example, phonenumbers.PhoneNumberFormat.E164
    )


@pytest.mark.parametrize(
    "bad", ["", "0", "123", "+33", "+33 6", "06 12 34 56 7", "hello", "+999 1"]
)
def test_what_is_no_telephone_is_refused_with_an_example(bad):
    with pytest.raises(NotValid, match=r"\+33"):
        phone(bad, "FR")


@pytest.mark.parametrize(
    "typed",
    ["732829320", "732 829 320", "732-829-320", "732.829.320", "732\u202f829\u202f320",
     "７３２ ８２９ ３２０", "732–829–320"],
)  # fmt: skip
def test_a_number_is_accepted_as_people_write_it(typed):
    values = {**COMPANY, "company_number": typed}
    stored, wrong = check(values, kind="corporation")
    assert wrong == {}
    assert stored["company_number"] == "732829320"


def test_digits_of_other_keyboards_are_brought_to_ours():
    assert postcode("７５０ ２０".replace(" ", ""), "FR") == "75020"
    assert postcode("１００－０００１", "JP") == "100-0001"
    assert bare("w７５１ 234-567") == "W751234567"


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("GR", "GR 094 259 216", "EL094259216"),
        ("GR", "094259216", "EL094259216"),
        ("MC", "FR 53 000004605", "FR53000004605"),
        ("RE", "44 732 829 320", "FR44732829320"),
        ("FR", "fr 83 404 833 048", "FR83404833048"),
    ],
)
def test_vat_prefixes_that_are_not_the_countrys_code(country, typed, stored):
    assert vat(typed, country) == stored


def test_a_vat_key_with_a_letter_must_belong_to_the_siren_too():
    letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    key = next(
        key for first in letters[10:] for key in [f"FR{first}1732829320"] if _accepts(key, "FR")
    )
    assert check({**COMPANY, "vat_number": key}, kind="corporation")[1] == {}

    other = next(
        key for first in letters[10:] for key in [f"FR{first}1404833048"] if _accepts(key, "FR")
    )
    assert "vat_number" in check({**COMPANY, "vat_number": other}, kind="corporation")[1]


def _accepts(number: str, country: str) -> bool:
    with suppress(NotValid):
        return bool(vat(number, country))
    return False


@pytest.mark.parametrize("country", sorted(FRENCH_REGISTER))
def test_the_french_register_reaches_overseas(country):
    names = {rule.name for rule in rules_for(country=country, kind="corporation")}
    assert {"company_number", "corporation_type"} <= names
    assert ("vat_number" in names) is (country in VAT_COUNTRIES)


@pytest.mark.parametrize("country", sorted(EU_COUNTRIES))
@pytest.mark.parametrize("kind", ["corporation", "association", "administration"])
def test_every_organisation_of_the_eu_may_give_its_vat_number(country, kind):
    rules = {rule.name: rule for rule in rules_for(country=country, kind=kind)}
    assert not rules["vat_number"].mandatory


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_state_is_offered_once_and_in_the_order_of_its_names(country):
    for language in map(base, known()):
        found = places.areas(country, language)
        assert len({code for code, _name in found}) == len(found)
        assert all(name and len(code) <= 80 for code, name in found)


def test_states_are_named_in_the_readers_language():
    assert dict(places.areas("CA", "fr"))["BC"] == "Colombie-Britannique"
    assert dict(places.areas("CA", "en"))["BC"] == "British Columbia"
    assert dict(places.areas("JP", "en"))["東京都"] == "Tokyo"
    with translation.override("fr"):
        (area,) = [rule for rule in rules_for(country="CA", kind="other") if rule.name == "area"]
    assert area.shown("BC") == "Colombie-Britannique"


def test_a_state_that_is_not_in_the_list_is_refused():
    values = {**PARIS, "postcode": "95014", "phone": "(202) 456-1111", "area": "Paris"}
    assert set(check(values, country="US")[1]) == {"area"}
    assert check({**values, "area": "CA"}, country="US")[1] == {}


@pytest.mark.parametrize(
    ("country", "bad"),
    [("LI", "94850"), ("LI", "X9490"), ("MU", "123456"), ("FR", "75020\n1"), ("CR", "999999")],
)
def test_a_postcode_must_fit_from_end_to_end(country, bad):
    with pytest.raises(NotValid):
        postcode(bad, country)


def test_the_list_of_countries_is_that_of_iso_3166():
    assert len(COUNTRIES) == 249
    assert {"FR", "GF", "MC", "CH", "GB", "US", "AQ", "TW", "PS"} <= set(COUNTRIES)
    assert not {"AC", "TA", "XK", "EU", "UK", "ZZ"} & set(COUNTRIES)


@pytest.mark.parametrize(
    ("language", "order"),
    [("fr", ["AF", "ZA", "AL", "DZ", "DE"]), ("en", ["AF", "AX", "AL", "DZ"])],
)
def test_countries_stand_in_the_readers_order_the_likely_one_first(language, order):
    with translation.override(language):
        found = [code for code, _name in countries.choices("FR")]
    assert found[0] == "FR"
    assert found[1 : len(order) + 1] == order


@pytest.mark.parametrize("kind", KINDS)
def test_the_api_gets_the_same_rules_as_plain_json(kind):
    for country in COUNTRIES:
        for rule in rules_for(country=country, kind=kind):
            shape = json.loads(json.dumps(rule.as_api()))
            assert set(shape) == {
                "fieldName", "mandatory", "defaultValue", "examples", "in",
                "minLength", "maxLength", "prefix", "regularExpression",
            }  # fmt: skip
            pattern = shape["regularExpression"]
            if pattern:
                # What Python and JavaScript read alike.
                assert pattern.isascii()
                assert set(re.findall(r"\\([A-Za-z0-9])", pattern)) <= {"d", "b"}
                assert not re.search(r"\(\?(?!:)", pattern)


@pytest.mark.parametrize("language", known())
@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_a_sentence(language, kind):
    typed = dict.fromkeys(LABELS, "\u2603<" * 200)
    with translation.override(language):
        for country in ("FR", "DE", "US", "JP"):
            for values in ({}, typed, dict.fromkeys(LABELS, "☃")):
                for sentence in map(str, check(values, country=country, kind=kind)[1].values()):
                    assert sentence[0].isupper()
                    assert sentence.endswith(".")
                    assert len(sentence) > 15


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it():
    typed = {**COMPANY, "company_number": "732 829 321", "phone": "12"}
    form = DetailsForm(typed, country="FR", kind="corporation")

    assert not form.is_valid()
    assert set(form.errors) == {"company_number", "phone"}
    assert form["company_number"].value() == "732 829 321"
    assert form["organisation"].value() == "Boulangerie Mercier"


def test_the_form_tells_the_browser_what_the_rules_say():
    page = str(DetailsForm(country="FR", kind="corporation"))

    for name, told in [
        ("given_name", 'autocomplete="given-name"'),
        ("phone", 'inputmode="tel"'),
        ("postcode", 'inputmode="numeric"'),
        ("address", 'autocomplete="address-line1"'),
        ("city", 'maxlength="100"'),
        ("organisation", "required"),
    ]:
        (tag,) = re.findall(rf'<(?:input|select)[^>]*name="{name}"[^>]*>', page)
        assert told in tag
    assert "required" not in re.findall(r'<input[^>]*name="vat_number"[^>]*>', page)[0]


def test_what_is_stored_passes_the_rules_again():
    stored, wrong = check(COMPANY, kind="corporation")
    assert wrong == {}
    assert check(stored, kind="corporation") == (stored, {})
