"""What the form asks of whom, in every country, and what becomes of what is typed."""

import json
import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from nichandle.identity.accounts.forms import DetailsForm
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.rules import KIND_LABELS, LABELS, rules_for, validate
from nichandle.identity.accounts.tests.typed import COMPANY, COUNTRIES, KEYBOARD, PARIS, check
from nichandle.platform.kernel.wording.languages import known

KINDS = [kind for kind, _label in KIND_LABELS]


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


@given(
    st.sampled_from(COUNTRIES),
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(list(LABELS)), KEYBOARD),
)
def test_what_the_rules_accept_fits_the_columns_in_every_country(country, kind, values):
    stored, wrong = check(values, country=country, kind=kind)
    for name in stored.keys() - wrong.keys():
        assert len(stored[name]) <= Account._meta.get_field(name).max_length


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_examples_shown_are_accepted(country):
    for rule in rules_for(country=country, kind="corporation"):
        if rule.example and not rule.choices:
            stored, wrong = validate({rule.name: rule.example}, [rule], country=country)
            assert wrong == {}, rule.name
            assert stored[rule.name]


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
