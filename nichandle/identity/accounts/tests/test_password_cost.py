"""Judging a password is bounded work, whatever is typed: counted, not timed."""

import pytest

from nichandle.identity.accounts import passwords
from nichandle.identity.accounts.passwords import guessing, rules
from nichandle.identity.accounts.rules import rules_for, validate

READINGS = 8
"""``1``, ``|`` and ``7`` look like two letters each."""
MARKS = "\u0315\u0300"
"""Two marks in the wrong order: sorting many takes the square of their number."""
COSTLY = [
    "04({f<6893!1|7!0$5+7%2@8",
    "4@8({[</369&#!1/|0$5+7%2",
    "4@8({[</369&" * 2,
    "1|7" * 8,
    "1" * 24,
    "11/11/1911/11/19" * 8,
    "4@8({[</369&#!1/|0$5+7%2" * 300,
    "a" + MARKS * 500_000,
]


class Counting(dict[str, int]):
    """A dictionary that counts how often it is asked."""

    asked = 0

    def __contains__(self, word: object) -> bool:
        self.asked += 1
        return super().__contains__(word)


@pytest.fixture
def counting(monkeypatch) -> Counting:
    counted = Counting(guessing.lists.ranked())
    monkeypatch.setattr(guessing.lists, "ranked", lambda: counted)
    return counted


@pytest.mark.parametrize("costly", COSTLY, ids=range(len(COSTLY)))
def test_no_password_makes_more_than_some_thousand_look_ups(costly, counting):
    """Each piece of each reading once, forwards and backwards; of two windows, and of a repeat."""
    pieces = guessing.WINDOW * (guessing.WINDOW + 1) // 2

    passwords.strength(costly, ["diane.mercier@example.org"])

    assert counting.asked <= 2 * 2 * (READINGS + 2) * pieces


def test_no_more_is_sorted_than_a_password_may_have_signs(monkeypatch):
    sorted_signs: list[int] = []
    original = rules.unicodedata.normalize

    class Watched:
        @staticmethod
        def normalize(form: str, text: str) -> str:
            sorted_signs.append(len(text))
            return original(form, text)

    monkeypatch.setattr(rules, "unicodedata", Watched)
    with pytest.raises(rules.PasswordTooLong):
        passwords.check("a" + MARKS * 500_000)

    assert max(sorted_signs) == passwords.MAXIMUM_LENGTH * 4 + 1


def test_what_is_cut_before_it_is_sorted_was_too_long_in_any_case():
    """One letter of four signs is the most that NFC makes: such passwords of 128 letters fit."""
    letter = "\u03b1\u0313\u0300\u0345"
    assert passwords.normalise(letter * 128) == "\u1f82" * 128
    with pytest.raises(rules.PasswordTooLong):
        passwords.check(letter * 129)


def test_own_words_are_looked_for_in_no_more_than_an_address_may_be_long(monkeypatch):
    folded: list[int] = []
    original = rules.fold
    monkeypatch.setattr(rules, "fold", lambda text: folded.append(len(text)) or original(text))

    words = rules.own_words([MARKS * 500_000, "x." * 100_000, "word" * 60 + " last"])

    assert max(folded) == rules.OWN_TEXT_LENGTH
    assert len(words) < 10


@pytest.mark.parametrize("one", ["p4ssw0rd", "p4ssw@rd", "1nternati0nal", "dr4g0n", "7imeless"])
def test_words_with_signs_that_look_like_letters_are_still_words(one):
    plain = guessing.guesses(one.translate(str.maketrans("40@17", "aoait")))

    assert guessing.guesses(one) < plain * 100 < 10**9


def test_a_repeated_piece_counts_little_more_than_the_piece():
    once = guessing.guesses("tilleul!")

    assert once < guessing.guesses("tilleul!" * 3) <= once * 3 + 1


def test_details_are_cut_before_they_are_tidied(monkeypatch):
    """Marks without end in a name stopped a thread for minutes."""
    tidied: list[int] = []
    from_rules = validate.__globals__["clean"]

    def watched(text: str) -> str:
        tidied.append(len(text))
        return from_rules(text)

    monkeypatch.setitem(validate.__globals__, "clean", watched)
    fields = rules_for(country="FR", kind="individual")
    typed = {rule.name: "a" + MARKS * 500_000 for rule in fields}

    _stored, wrong = validate(typed, fields, country="FR")

    assert wrong["family_name"]
    assert max(tidied) <= 4 * max(rule.maximum for rule in fields) + 1
