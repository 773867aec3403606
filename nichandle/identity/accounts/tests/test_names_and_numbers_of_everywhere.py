"""Names, numbers and postcodes as people of every country write them."""

import re

import phonenumbers
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from nichandle.identity.accounts import operations, queries
from nichandle.identity.accounts.forms import DetailsForm
from nichandle.identity.accounts.rules import places
from nichandle.identity.accounts.rules.model import NotValid
from nichandle.identity.accounts.rules.numbers import phone, phone_shown, postcode
from nichandle.identity.accounts.tests.typed import COMPANY, COUNTRIES, PARIS, check
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.wording.text import clean, fold
from tests.support.people import PERSON

OVERSEAS = ["RE", "YT", "GP", "GF", "MQ", "PM", "BL", "MF", "NC", "PF", "WF"]
CHOIR = {**PARIS, "organisation": "Chorale des Dunes"}


@pytest.mark.parametrize("dash", ["-", "–", "—", "−", " - "])
def test_who_has_one_name_says_so_with_a_dash(dash):
    stored, wrong = check({**PARIS, "given_name": "Sukarno", "family_name": dash})
    assert wrong == {}
    assert (stored["given_name"], stored["family_name"]) == ("Sukarno", "")


def test_a_family_name_is_not_forgotten():
    assert set(check({**PARIS, "family_name": ""})[1]) == {"family_name"}
    assert set(check({**PARIS, "given_name": "-"})[1]) == {"given_name"}


@pytest.mark.django_db
def test_who_has_one_name_is_a_customer_and_can_change_the_rest(customer, now):
    operations.change_details(
        account_id=customer.account.pk,
        details={"given_name": "Sukarno", "family_name": ""},
        act=Act.by_itself(now),
    )
    browser = customer.sign_in()
    page = browser.get("/account/edit").content.decode()
    assert re.search(r'name="family_name" value="-"', page)
    assert '<span class="name">Sukarno</span>' in page
    given = {**PERSON, "given_name": "Sukarno", "family_name": "-", "city": "Roubaix"}
    assert browser.post("/account/edit", given).status_code == 302
    stored = queries.profile(customer.account.pk)
    assert (stored.family_name, stored.city) == ("", "Roubaix")


@pytest.mark.parametrize(
    "name",
    [
        "Kumar s/o Rajan",
        "Siti d/o Ahmad",
        "Tom: Erik",
        "‘Okusitino",
        "N!xau",
        "علی‌رضا",
    ],
)
def test_signs_that_stand_in_names_are_accepted(name):
    stored, wrong = check({**PARIS, "given_name": name})
    assert wrong == {}
    assert stored["given_name"] == name


@pytest.mark.parametrize("name", ["<b>x</b>", "a@b", "{x}", "42", "/", "a|b"])
def test_what_is_no_name_is_still_refused(name):
    assert set(check({**PARIS, "given_name": name})[1]) == {"given_name"}


@pytest.mark.parametrize("name", ["علی\u200cرضا", "ශ්\u200dරී", "ശ്രീ\u200cകുമാർ", "র\u200d্যাব"])
def test_joiners_that_spell_a_name_are_kept_and_found_without(name):
    assert clean(name) == name
    assert clean(f"\u200c{name}\u200d") == name
    assert fold(name) == fold(name.replace("\u200c", "").replace("\u200d", ""))


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_joiners_hide_in_no_other_script(joiner):
    assert clean(f"Di{joiner}ane") == "Diane"
    assert clean(f"Диа{joiner}на") == "Диана"
    assert clean(f"ع{joiner * 3}ل") == f"ع{joiner}ل"
    assert clean(f"1{joiner}2") == "12"


@pytest.mark.parametrize("country", OVERSEAS)
def test_overseas_and_france_write_each_others_numbers(country):
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        example = phonenumbers.example_number_for_type(country, kind)
        national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
        if not national.startswith("0"):
            continue
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        assert phone(national, "FR") == e164
        assert phone("06 12 34 56 78", country) == "+33612345678"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0692 12 34 56", "+262692123456"),
        ("0690 00 12 34", "+590690001234"),
        ("0696 20 12 34", "+596696201234"),
        ("0694 20 12 34", "+594694201234"),
        ("0639 01 23 45", "+262639012345"),
        ("0262 12 34 56", "+262262123456"),
    ],
)
def test_a_number_from_overseas_is_given_as_at_home(typed, stored):
    assert phone(typed, "FR") == stored


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("+1 202 456 1111 ext. 12", "US"),
        ("(202) 456-1111 x12", "US"),
        ("01 42 68 53 00 poste 12", "FR"),
        ("01 42 68 53 00, poste n° 12", "FR"),
    ],
)
def test_an_extension_is_never_lost_without_a_word(typed, country):
    with translation.override("en"), pytest.raises(NotValid, match="extension"):
        phone(typed, country)


def test_a_telephone_is_shown_in_groups_and_taken_back():
    assert phone_shown("+33612345678") == "+33 6 12 34 56 78"
    assert phone(phone_shown("+262692123456"), "FR") == "+262692123456"
    assert phone_shown("nothing") == "nothing"


@given(st.sampled_from(COUNTRIES), st.data())
def test_postcodes_are_accepted_as_they_are_written_in_every_country(country, data):
    known = places.of(country)
    example = data.draw(st.sampled_from(known.postcode_examples))
    if not example:
        return
    kept = postcode(example, country)
    letters = [country, known.prefix, places.LICENCE_PLATES.get(country, country)]
    prefix = data.draw(st.sampled_from([one for one in letters if one]))
    between = data.draw(st.sampled_from(["-", " ", "–", " - "]))
    for typed in (
        example.lower(),
        f" {example} ",
        f"{prefix}{between}{example}",
        example.replace(" ", ""),
        example.replace("-", ""),
        example.replace(" ", "  "),
    ):
        written = postcode(clean(typed), country)
        assert re.sub(r"\W", "", written) == re.sub(r"\W", "", kept)
        assert postcode(written, country) == written


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("LU", "L-2998", "2998"),
        ("LT", "LT-04340", "04340"),
        ("DE", "D-10115", "10115"),
        ("CH", "CH-3000", "3000"),
        ("FR", "F-75020", "75020"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("PL", "00950", "00-950"),
        ("BR", "40301110", "40301-110"),
    ],
)
def test_a_postcode_is_stored_as_the_post_writes_it(country, typed, stored):
    assert postcode(typed, country) == stored


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("DE", "HRB 12345 B (Amtsgericht Köln)"),
        ("MX", "Ñ&A-850101-AB1"),
        ("JP", "法人番号 1234567890123"),
        ("AT", "FN 123456 a"),
        ("GR", "ΓΕΜΗ: 123456789000"),
    ],
)
def test_registers_abroad_are_written_as_there(country, number):
    stored, wrong = check({"company_number": number}, country=country, kind="corporation")
    assert "company_number" not in wrong
    assert stored["company_number"] == number


@pytest.mark.parametrize("number", ["none", "<b>1</b>", "–"])
def test_what_is_no_number_of_a_register_is_refused(number):
    wrong = check({"company_number": number}, country="DE", kind="corporation")[1]
    assert "company_number" in wrong


@pytest.mark.parametrize("department", ["57", "67", "68"])
@pytest.mark.parametrize(
    "typed",
    [
        "Strasbourg, vol. 93, folio 58",
        "Strasbourg vol 93 fol. 58",
        "Strasbourg 93/58",
        "Strasbourg, 93, 58",
    ],
)
def test_an_association_of_alsace_moselle_is_registered_by_its_court(department, typed):
    given = {**CHOIR, "postcode": f"{department}000", "association_number": typed}
    stored, wrong = check(given, kind="association")
    assert wrong == {}
    assert stored["association_number"] == "Strasbourg 93/58"
    assert check(stored, kind="association") == (stored, {})


def test_elsewhere_courts_register_no_association():
    given = {**CHOIR, "postcode": "59000", "association_number": "Lille, 93, 58"}
    assert set(check(given, kind="association")[1]) == {"association_number"}


def test_a_form_shows_what_it_takes():
    with translation.override("en"):
        page = str(DetailsForm(country="FR", kind="association"))
    assert "If you have one name only, enter a dash here." in page
    assert check(COMPANY, kind="corporation")[1] == {}
