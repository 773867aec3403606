"""Telephones as people write them; postcodes, states and countries."""

from contextlib import suppress

import phonenumbers
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from nichandle.identity.accounts import countries
from nichandle.identity.accounts.rules import places, rules_for
from nichandle.identity.accounts.rules.model import NotValid
from nichandle.identity.accounts.rules.numbers import (
    bare,
    french_association,
    french_company,
    phone,
    postcode,
    vat,
)
from nichandle.identity.accounts.tests.typed import COMPANY, COUNTRIES, KEYBOARD, PARIS, check
from nichandle.platform.kernel.wording.languages import base, known


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


@given(st.sampled_from(COUNTRIES), KEYBOARD)
def test_what_is_stored_of_a_postcode_or_telephone_is_accepted_again(country, text):
    for checker in (postcode, phone):
        with suppress(NotValid):
            stored = checker(text, country)
            assert checker(stored, country) == stored


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
