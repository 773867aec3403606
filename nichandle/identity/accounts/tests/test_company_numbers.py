"""Numbers of companies and associations, by their keys and their registers."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.eu import vat as eu_vat

from nichandle.identity.accounts.rules import rules_for
from nichandle.identity.accounts.rules.model import NotValid
from nichandle.identity.accounts.rules.numbers import (
    EU_COUNTRIES,
    FRENCH_REGISTER,
    VAT_COUNTRIES,
    french_association,
    french_company,
    french_vat_of,
    vat,
)
from nichandle.identity.accounts.tests.typed import COMPANY, KEYBOARD, PARIS, check

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


@given(st.sampled_from(sorted(EU_COUNTRIES)), KEYBOARD)
def test_what_is_stored_of_a_vat_number_is_accepted_again(country, text):
    with suppress(NotValid):
        number = vat(text, country)
        assert vat(number, country) == number


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
