"""The rules of the details form: France complete, the EU's VAT numbers, every country's address."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.eu import vat as eu_vat

from nichandle.accounts import countries
from nichandle.accounts.forms import DetailsForm
from nichandle.accounts.rules import KIND_LABELS, rules_for, validate
from nichandle.accounts.rules.model import NotValid
from nichandle.accounts.rules.numbers import (
    EU_COUNTRIES,
    french_association,
    french_company,
    french_vat_of,
    phone,
    postcode,
    vat,
)

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
