"""The value: grammar, check digit, letters, spelling, dictation. No database."""

import re
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nichandle.handles import letters, spelling, verhoeff
from nichandle.handles.dictation import dictation
from nichandle.handles.identifier import (
    MAXIMUM_LENGTH,
    Identifier,
    NotAnIdentifier,
    is_foreign,
    key,
)
from nichandle.handles.reserved import RESERVED

PAIRS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=2)
BODIES = st.from_regex(r"[1-9][0-9]{4,5}", fullmatch=True)
IDENTIFIERS = st.builds(Identifier.make, PAIRS, BODIES, st.sampled_from(["OVH", "XY", "ABCDE"]))


def test_the_identifier_everybody_knows_carries_its_check_digit():
    assert Identifier.read("dm429850-OVH").checked


def test_the_published_example_of_the_check_digit():
    assert verhoeff.check_digit("236") == "3"
    assert verhoeff.holds("2363")


@given(IDENTIFIERS)
def test_what_is_made_is_read_again_and_is_checked(made):
    assert Identifier.read(str(made)) == made
    assert made.checked
    assert len(str(made)) <= MAXIMUM_LENGTH
    assert is_foreign(str(made)) or len(made.digits) == 7


@given(IDENTIFIERS, st.data())
def test_every_single_wrong_digit_is_caught(made, data):
    place = data.draw(st.integers(0, len(made.digits) - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    assume(wrong != made.digits[place])
    digits = made.digits[:place] + wrong + made.digits[place + 1 :]

    assert not Identifier(made.letters, digits, made.suffix).checked


@given(IDENTIFIERS, st.data())
def test_every_swap_of_neighbouring_digits_is_caught(made, data):
    place = data.draw(st.integers(0, len(made.digits) - 2))
    assume(made.digits[place] != made.digits[place + 1])
    swapped = list(made.digits)
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]

    assert not Identifier(made.letters, "".join(swapped), made.suffix).checked


@given(IDENTIFIERS, st.data())
def test_a_letter_misheard_within_its_ten_is_caught(made, data):
    """Letters count as two digits; where only the second differs, it is one wrong digit."""
    place = data.draw(st.integers(0, 1))
    there = ord(made.letters[place]) - 96
    other = data.draw(st.sampled_from([n for n in range(1, 27) if n // 10 == there // 10]))
    assume(other != there)
    changed = list(made.letters)
    changed[place] = chr(96 + other)

    assert not Identifier("".join(changed), made.digits, made.suffix).checked


@given(IDENTIFIERS, st.data())
def test_any_spelling_means_the_same(made, data):
    spaced = "".join(
        sign + data.draw(st.sampled_from(["", " ", "-", " - ", "\u00a0", "\u2013"]))
        for sign in str(made)
    )
    spelled = data.draw(st.sampled_from([spaced, spaced.upper(), spaced.lower()]))

    assert key(spelled) == made.key
    assert any(made.key in rank for rank in spelling.keys(spelled, suffix=made.suffix))


@given(IDENTIFIERS)
def test_the_suffix_may_be_left_out(made):
    short = f"{made.letters}{made.digits}"
    assert made.key in spelling.keys(short, suffix=made.suffix)[0]


@given(IDENTIFIERS, st.data())
def test_look_alikes_are_put_right(made, data):
    alike = {"0": "O", "1": data.draw(st.sampled_from("Il"))}
    typed = made.letters + "".join(alike.get(digit, digit) for digit in made.digits)
    for whole in (typed, f"{typed}-{made.suffix}"):
        assert any(made.key in rank for rank in spelling.keys(whole, suffix=made.suffix)), whole


@given(st.text(max_size=60))
def test_nothing_a_person_types_breaks_the_parser(text):
    ranks = spelling.keys(text, suffix="OVH")
    assert len(ranks) <= 2
    assert sum(map(len, ranks)) <= 40
    with suppress(NotAnIdentifier):
        Identifier.read(text)
    assert isinstance(is_foreign(text), bool)


def test_an_address_is_never_an_identifier():
    assert spelling.keys("dm429850@ovh", suffix="OVH") == []
    assert spelling.near("dm429850@ovh", suffix="OVH") == frozenset()


@given(IDENTIFIERS, st.data())
def test_one_mistake_is_within_the_candidates(made, data):
    digits = list(made.digits)
    place = data.draw(st.integers(0, len(digits) - 1))
    mistake = data.draw(st.sampled_from(["wrong", "missing", "doubled"]))
    if mistake == "wrong":
        digits[place] = data.draw(st.sampled_from("0123456789"))
        assume(digits[place] != made.digits[place])
    elif mistake == "missing":
        del digits[place]
    else:
        digits.insert(place, digits[place])
    typed = f"{made.letters}{''.join(digits)}-{made.suffix}"

    assert made.key in spelling.near(typed, suffix=made.suffix)


@pytest.mark.parametrize(
    ("given", "family", "pair"),
    [
        ("Diane", "Mercier", "dm"),
        ("Élodie", "Šimek", "es"),
        ("Жанна", "Ильина", "zi"),
        ("王", "伟", "ww"),
        ("Ólafur", "Þór", "ot"),
        ("محمد", "علي", "ml"),
        ("'", "123", "xx"),
        ("", "", "xx"),
        ("Nadia", "Sorel", "xx"),
    ],
)
def test_letters_come_from_the_name(given, family, pair):
    assert letters.for_person(given, family) == pair


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("Boulangerie Mercier", "bm"),
        ("Été", "et"),
        ("L'Atelier du Port", "ld"),
        ("X", "xx"),
        ("4 Saisons Paysage", "sp"),
        ("株式会社", "zh"),
        ("", "xx"),
    ],
)
def test_letters_come_from_the_organisation(name, pair):
    assert letters.for_organisation(name) == pair


@given(st.text(), st.text())
def test_letters_are_always_two_latin_ones_and_never_reserved(given, family):
    for pair in (letters.for_person(given, family), letters.for_organisation(given)):
        assert re.fullmatch(r"[a-z]{2}", pair)
        assert pair not in RESERVED


def test_the_operator_reserves_more():
    assert letters.for_person("Diane", "Mercier", reserved=("DM",)) == "xx"


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("AB123-RIPE", True),
        ("DM-OVH", True),
        ("ab0123-OVH", False),
        ("a1-OVH", False),
        ("dm1234567-OVH", False),
        ("dm12-OVH4", False),
        ("dm429850-OVH\n", False),
    ],
)
def test_imported_handles_have_the_ripe_form(text, foreign):
    assert is_foreign(text) is foreign


def test_an_identifier_is_dictated_in_groups_and_words():
    french = dictation("dm429850-OVH", "fr")
    assert [piece.signs for piece in french] == ["D", "M", "429", "850", "O", "V", "H"]
    assert french[0].words == "Désiré"
    assert french[2].words == "quatre deux neuf"
    assert [piece.words for piece in dictation("dm429850-OVH", "en")][-1] == "Hotel"
