"""The value: grammar, check digit, letters, spelling, dictation. No database."""

import itertools
import re
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nichandle.identity.handles import letters, spelling, verhoeff
from nichandle.identity.handles.dictation import SPEECHES, dictation, sentence
from nichandle.identity.handles.identifier import (
    MAXIMUM_LENGTH,
    Identifier,
    NotAnIdentifier,
    is_foreign,
    key,
    numbers,
)
from nichandle.identity.handles.reserved import RESERVED

SOUND_ALIKE = ("bcdegptv", "mn", "fs", "gj", "iy", "ahk", "quw")
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
PAIRS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=2)
BODIES = st.from_regex(r"[1-9][0-9]{4,5}", fullmatch=True)
IDENTIFIERS = st.builds(Identifier.make, PAIRS, BODIES, st.sampled_from(["OVH", "XY", "ABCDE"]))


def test_the_identifier_everybody_knows_carries_its_check_digit():
    assert Identifier.read("dm429850-OVH").checked


def test_the_published_example_of_the_check_digit():
    assert verhoeff.check_digit("236") == "3"
    assert verhoeff.valid("2363")


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


# Letters count as two digits. Where both differ the promise of Verhoeff ends; these are the pairs
# that pass for each other, by the place of the letter, in identifiers of six digits.
PASS_AT_FIRST = "aq br by cs cz do en ev fj fw gk gx hl ht im iu jw kx lt mu nv ry sz"
PASS_AT_SECOND = "ao bj bw cs cv dr dt ek ez fq fy gp hn hu im jw kz lx nu qy rt sv"
PASS_SWAPPED = (
    "al ar bg bu ci cm cs dh dk dv dy el eu ft gn go hq hx im is jw kq lu ly ms nr ou qv tz"
)


def unnoticed(spell, spell_wrong):
    """The pairs of letters for which one spelling's check digit proves the other as well."""
    return " ".join(
        one + other
        for one, other in itertools.combinations(ALPHABET, 2)
        if Identifier(
            spell_wrong(one, other),
            Identifier.make(spell(one, other), "42985", "OVH").digits,
            "OVH",
        ).checked
    )


def test_wrong_letters_are_caught_but_for_the_pairs_that_are_written_down():
    first = unnoticed(lambda one, _: one + "m", lambda _, other: other + "m")
    second = unnoticed(lambda one, _: "d" + one, lambda _, other: "d" + other)
    swapped = unnoticed(lambda one, other: one + other, lambda one, other: other + one)

    assert (first, second, swapped) == (PASS_AT_FIRST, PASS_AT_SECOND, PASS_SWAPPED)


@given(IDENTIFIERS, st.data())
def test_which_letters_pass_for_each_other_does_not_hang_on_the_rest(made, data):
    assume(len(made.digits) == 6)
    place, passing = data.draw(st.sampled_from([(0, PASS_AT_FIRST), (1, PASS_AT_SECOND)]))
    other = data.draw(st.sampled_from(ALPHABET))
    assume(other != made.letters[place])
    changed = list(made.letters)
    changed[place] = other
    noticed = "".join(sorted(made.letters[place] + other)) not in passing

    assert Identifier("".join(changed), made.digits, made.suffix).checked is not noticed


@given(PAIRS, BODIES, st.data())
def test_a_letter_that_differs_in_one_of_its_two_digits_is_always_caught(pair, body, data):
    place = data.draw(st.integers(0, 1))
    near = [
        other
        for other in ALPHABET
        if sum(map(str.__ne__, numbers(other), numbers(pair[place]))) == 1
    ]
    changed = list(pair)
    changed[place] = data.draw(st.sampled_from(near))
    digits = Identifier.make(pair, body, "OVH").digits

    assert not Identifier("".join(changed), digits, "OVH").checked


@pytest.mark.parametrize(
    ("pair", "body", "suffix"),
    [("d", "42985", "OVH"), ("DM", "42985", "OVH"), ("éa", "42985", "OVH"), ("dm", "4x", "OVH"),
     ("dm", "٤٢٩٨٥", "OVH"), ("dm", "42985", "O"), ("dm", "1234567", "OVH")],
)  # fmt: skip
def test_nothing_of_another_form_is_made(pair, body, suffix):
    with pytest.raises(NotAnIdentifier):
        Identifier.make(pair, body, suffix)


def test_the_suffix_is_written_as_the_operator_writes_it():
    assert str(Identifier.read("DM429850OVH")) == "dm429850-OVH"
    assert str(Identifier.read("DM429850ARN", suffix="Arn")) == "dm429850-Arn"
    assert str(Identifier.read("DM429850OVH", suffix="Arn")) == "dm429850-OVH"


@pytest.mark.parametrize(
    "typed",
    [
        "[dm429850-OVH]",
        "« dm429850-OVH ».",
        "ＤＭ４２９８５０－ＯＶＨ",
        "dm\u2011429850\u2212OVH",
        "\u200bdm 429 850 OVH\ufeff",
        "d.m. 429.850/ovh",
    ],
)
def test_what_stands_between_and_around_the_signs_does_not_matter(typed):
    assert key(typed) == "dm429850ovh"


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


@pytest.mark.parametrize("typed", ["dm429850-0VH", "DM 42985O 0vh", "dm42985oOVH", "dm42985OO-VH"])
def test_look_alikes_are_put_right_where_head_and_suffix_meet(typed):
    assert any("dm429850ovh" in rank for rank in spelling.keys(typed, suffix="OVH"))


def test_what_is_written_exactly_goes_before_what_may_be_meant():
    exact, forgiven = spelling.keys("dm42985OVH", suffix="OVH")

    assert "dm42985ovh" in exact
    assert "dm429850ovh" not in exact
    assert forgiven >= {"dm429850vh"}


@given(IDENTIFIERS)
def test_no_better_rank_holds_another_identifier_than_the_one_written(made):
    assert spelling.keys(str(made), suffix=made.suffix)[0] == {
        made.key,
        made.key + made.suffix.lower(),
    }


@given(st.text(max_size=60))
def test_nothing_a_person_types_breaks_the_parser(text):
    ranks = spelling.keys(text, suffix="OVH")
    assert len(ranks) <= 2
    assert sum(map(len, ranks)) <= 40
    assert all(re.fullmatch("[a-z0-9]+", one) for rank in ranks for one in rank)
    assert len(spelling.near(text, suffix="OVH")) < 10_000
    with suppress(NotAnIdentifier):
        Identifier.read(text)
    assert isinstance(is_foreign(text), bool)


@pytest.mark.parametrize("address", ["dm429850@ovh", "@dm429850", "dm429850＠ovh", "a@b"])
def test_an_address_is_never_an_identifier(address):
    assert spelling.keys(address, suffix="OVH") == []
    assert spelling.near(address, suffix="OVH") == {}


MISTAKES = ["wrong digit", "wrong letter", "missing", "too many", "swapped", "wrong suffix"]


@given(IDENTIFIERS, st.sampled_from(MISTAKES), st.booleans(), st.data())
def test_one_mistake_is_within_the_candidates(made, mistake, short, data):
    typed = made.letters + made.digits
    place = data.draw(st.integers(2, len(typed) - 2))
    digit = data.draw(st.sampled_from("0123456789"))
    letter = data.draw(st.sampled_from(ALPHABET))
    tail = "" if short else f"-{made.suffix}"
    if mistake == "wrong digit":
        typed = typed[:place] + digit + typed[place + 1 :]
    elif mistake == "wrong letter":
        typed = data.draw(st.sampled_from([letter + typed[1:], typed[0] + letter + typed[2:]]))
    elif mistake == "missing":
        typed = typed[:place] + typed[place + 1 :]
    elif mistake == "too many":
        typed = typed[:place] + digit + typed[place:]
    elif mistake == "swapped":
        typed = typed[:place] + typed[place + 1] + typed[place] + typed[place + 2 :]
    elif not short:
        tail = f"-{letter}{made.suffix[1:]}"

    assert made.key in spelling.near(typed + tail, suffix=made.suffix)


def test_the_likelier_mistake_comes_first():
    ranks = spelling.near("dm429850-OVH", suffix="OVH")
    by_likelihood = [
        "dm429850ovh",  # as written
        "dm492850ovh",  # two neighbours swapped
        "dm429851ovh",  # a wrong digit
        "dm42985ovh",  # a digit too many
        "tm429850ovh",  # a letter that sounds like it
        "zm429850ovh",  # another letter
    ]

    assert [ranks[one] for one in by_likelihood] == sorted({ranks[one] for one in by_likelihood})


@pytest.mark.parametrize("group", SOUND_ALIKE)
def test_letters_sound_alike_within_their_group_and_not_beyond(group):
    for first in group:
        ranks = spelling.near(f"{first}x429850-OVH", suffix="OVH")
        for other in ALPHABET:
            if other != first:
                alike = any(first in one and other in one for one in SOUND_ALIKE)
                expected = spelling.SOUND if alike else spelling.LETTER
                assert ranks[f"{other}x429850ovh"] == expected, (first, other)


@pytest.mark.parametrize(("length", "read"), [(39, True), (40, True), (41, False), (100, False)])
def test_what_is_longer_than_forty_signs_is_not_looked_up(length, read):
    text = "d" * length

    assert bool(spelling.keys(text, suffix="OVH")) is read
    assert bool(spelling.skeleton(text, suffix="OVH")) is read
    spread = " ".join(text)
    assert bool(spelling.keys(spread, suffix="OVH")) is (read and len(spread) <= 100)


def test_two_mistakes_are_too_many():
    assert "dm429850ovh" not in spelling.near("dm429761", suffix="OVH")
    assert "dm429850ovh" not in spelling.near("xx429850", suffix="OVH")


@pytest.mark.parametrize(
    ("given", "family", "pair"),
    [
        ("Diane", "Mercier", "dm"),
        ("Anna", "Zola", "az"),
        ("Zoé", "Àlvarez", "za"),
        ("Élodie", "Šimek", "es"),
        ("Жанна", "Ильина", "zi"),
        ("王", "伟", "ww"),
        ("Ólafur", "Þór", "ot"),
        ("محمد", "علي", "ml"),
        ("'", "123", "xx"),
        ("", "", "xx"),
        ("Nadia", "Sorel", "xx"),
        ("❤", "😀", "xx"),
        ("d’Artagnan", "\u202eNoir", "dn"),
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
        ("❤ Fleurs", "fl"),
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
        ("abcd123456-" + "A" * 10, True),
        ("DM-OVH", True),
        ("ab0123-OVH", False),
        ("a1-OVH", False),
        ("dm1234567-OVH", False),
        ("dm12-OVH4", False),
        ("AUTO-1", False),
        ("abcde1-RIPE", False),
        ("ab1-" + "A" * 11, False),
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
    assert dictation("dm429850-OVH", "fr-CA") == french
    assert dictation("dm429850-OVH", "tlh") == dictation("dm429850-OVH", "en")


def test_an_identifier_is_read_aloud_in_one_line():
    assert sentence("dm429850-OVH", "fr") == (
        "D comme Désiré, M comme Marcel, quatre deux neuf, huit cinq zéro, "
        "O comme Oscar, V comme Victor, H comme Henri"
    )
    assert sentence("xx1234567-AB", "en") == (
        "X for X-ray, X for X-ray, one two three, four five six, seven, A for Alfa, B for Bravo"
    )


@pytest.mark.parametrize("language", SPEECHES)
def test_a_language_has_a_word_for_every_letter_and_digit(language):
    spelled = dictation("abcdefghijklmnopqrstuvwxyz0123456789-A", language)

    assert all(piece.words and piece.words != piece.signs for piece in spelled)
    assert len(SPEECHES[language].letters.split()) == 26
    assert len(SPEECHES[language].digits.split()) == 10


@given(IDENTIFIERS, st.sampled_from(sorted(SPEECHES)))
def test_what_is_dictated_is_the_whole_identifier(made, language):
    spelled = "".join(piece.signs for piece in dictation(str(made), language))

    assert key(spelled) == made.key
