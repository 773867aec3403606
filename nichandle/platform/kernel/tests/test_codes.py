"""A mailed code comes back as people type it, and opens only what it was mailed for, once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.codes import (
    CodeUnreadable,
    MailedCode,
    letters_and_digits,
    mint_code,
    normalise_code,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=30)
A_MOMENT = timedelta(microseconds=1)
SOUNDS_LIKE_A_WORD = set("AEIOU")
LOOKS_LIKE_SOMETHING_ELSE = set("01OIL2Z5S8B") - set("BSZL")
NOISE = (
    ' \t\n\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014\u2015._*"«»“”()[]<>|:;,→✓🔑\0'
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\u0332\u0336\ufe0f"
)
DRESSED = [
    str.lower,
    lambda sign: chr(ord(sign) - ord("A") + ord("Ａ")),
    lambda sign: chr(ord(sign) - ord("A") + ord("Ⓐ")),
    lambda sign: chr(ord(sign) - ord("A") + ord("𝐀")),
    lambda sign: f"{sign}\N{COMBINING LOW LINE}",
]
codes = st.text(st.sampled_from(tokens.CODE_LETTERS), min_size=8, max_size=8)


class Letter(models.Model):
    """A row that waits for two codes, as a change of address does."""

    name = models.CharField(max_length=20)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    sent = models.PositiveSmallIntegerField(default=0)
    undo_digest = models.CharField(max_length=64, blank=True)

    code = MailedCode("letter")
    undo = MailedCode("undo of letter", digest="undo_digest")
    named = MailedCode("letter", owner="name")

    class Meta:
        app_label = "kernel"
        managed = False


@pytest.fixture
def letter():
    return Letter(pk=7, sent=1)


def test_a_code_is_eight_letters_that_form_no_word_and_resemble_no_digit():
    letters = {sign for _ in range(500) for sign in mint_code()} - {"-"}

    assert letters == set(tokens.CODE_LETTERS)
    assert len(tokens.CODE_LETTERS) == 20
    assert not letters & SOUNDS_LIKE_A_WORD
    assert not letters & LOOKS_LIKE_SOMETHING_ELSE


def test_a_code_has_thirty_four_bits():
    """Every letter is as likely in every place; ASVS 5.0, 6.5.4, asks for twenty."""
    codes = [mint_code().replace("-", "") for _ in range(4000)]

    assert len(tokens.CODE_LETTERS) ** len(codes[0]) > 2**34
    for place in range(8):
        often = Counter(code[place] for code in codes)
        # 200 of each on average; seven standard deviations either way.
        assert len(often) == 20
        assert 100 < min(often.values()) <= max(often.values()) < 300
    assert len(set(codes)) == len(codes)


def test_a_code_is_shown_in_two_groups():
    code = mint_code()

    assert len(code) == 9
    assert code[4] == "-"


@given(codes, st.data())
def test_a_code_fits_however_it_is_typed(letters, data):
    """Cases, letters in another dress, and all that is copied along, seen or not."""
    letter = Letter(pk=7, sent=1, code_expires_at=UNTIL)
    letter.code_digest = tokens.code_digest(f"{letters[:4]}-{letters[4:]}", "letter 7 1")
    typed = data.draw(st.text(NOISE, max_size=3))
    for sign in letters:
        typed += data.draw(st.sampled_from([str, *DRESSED]))(sign)
        typed += data.draw(st.text(NOISE, max_size=3))

    assert letter.code.fits(typed, now=NOW)


@given(codes, st.integers(0, 7), st.sampled_from("AEIOUY0125689*é\0"))
def test_what_only_looks_like_a_letter_of_a_code_is_none(letters, place, sign):
    """No letter of a code has a double, so nothing is read as another than it is."""
    typed = letters[:place] + sign + letters[place + 1 :]

    assert normalise_code(typed) is None


@given(codes, codes)
def test_no_other_code_fits(letters, others):
    letter = Letter(pk=7, sent=1, code_expires_at=UNTIL)
    letter.code_digest = tokens.code_digest(f"{letters[:4]}-{letters[4:]}", "letter 7 1")

    assert letter.code.fits(others, now=NOW) == (others == letters)


@given(st.text())
def test_any_text_is_a_code_or_none(typed):
    found = normalise_code(typed)

    assert found is None or set(found) <= set(tokens.CODE_LETTERS) | {"-"}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "BCDF",
        "BCDF-GHJKL",
        "ACDF-GHJK",
        "1CDF-GHJK",
        "\N{CYRILLIC CAPITAL LETTER VE}CDF-GHJK",
        "BCDF-GH\N{LATIN SMALL LETTER SHARP S}",
        "BCDF-GHJK" + " " * 200,
    ],
)
def test_what_cannot_be_a_code_is_none_and_is_said_to_be_none(typed, letter):
    letter.code.issue(until=UNTIL)

    assert normalise_code(typed) is None
    with pytest.raises(CodeUnreadable) as refusal:
        letter.code.fits(typed, now=NOW)
    assert not refusal.value.counted


def test_the_digits_of_other_scripts_are_digits():
    assert letters_and_digits("١٢٣ ۴۵۶ ７８９ ①") == "1234567891"


def test_a_code_is_kept_as_a_digest_alone(letter):
    code = letter.code.issue(until=UNTIL)

    assert len(letter.code_digest) == 64
    assert letter.code_expires_at == UNTIL
    assert letter.code.fits(code, now=NOW)


def test_a_code_fits_to_the_last_moment_and_no_longer(letter):
    code = letter.code.issue(until=UNTIL)

    assert letter.code.fits(code, now=UNTIL - A_MOMENT)
    assert not letter.code.expired(UNTIL - A_MOMENT)
    assert not letter.code.fits(code, now=UNTIL)
    assert letter.code.expired(UNTIL)


def test_a_code_without_an_end_does_not_fit(letter):
    code = letter.code.issue(until=UNTIL)
    letter.code_expires_at = None

    assert not letter.code.fits(code, now=NOW)
    assert letter.code.expired(NOW)


def test_a_code_fits_once(letter):
    code = letter.code.issue(until=UNTIL)
    letter.code.spend()

    assert letter.code_digest == ""
    assert not letter.code.fits(code, now=NOW)


def test_a_newer_code_voids_the_one_before(letter):
    before, after = letter.code.issue(until=UNTIL), letter.code.issue(until=UNTIL)

    assert not letter.code.fits(before, now=NOW)
    assert letter.code.fits(after, now=NOW)


def test_nothing_fits_where_no_code_was_made(letter):
    letter.code_expires_at = UNTIL

    assert not letter.code.fits("BCDF-GHJK", now=NOW)


def test_a_code_copied_to_another_purpose_is_worth_nothing(letter):
    code = letter.code.issue(until=UNTIL)
    letter.undo_digest = letter.code_digest

    assert not letter.undo.fits(code, now=NOW)


def test_a_code_copied_to_another_row_is_worth_nothing(letter):
    code = letter.code.issue(until=UNTIL)
    other = Letter(pk=8, sent=1, code_digest=letter.code_digest, code_expires_at=UNTIL)

    assert not other.code.fits(code, now=NOW)
    other.pk = 7
    assert other.code.fits(code, now=NOW)


def test_a_code_is_that_of_its_mail(letter):
    code = letter.code.issue(until=UNTIL)
    letter.sent += 1

    assert not letter.code.fits(code, now=NOW)


def test_a_row_may_be_told_from_others_by_another_column(letter):
    letter.name = "diane"
    code = letter.named.issue(until=UNTIL)
    letter.pk = 8

    assert letter.named.fits(code, now=NOW)
    letter.name = "paul"
    assert not letter.named.fits(code, now=NOW)


def test_a_row_that_nothing_tells_from_others_gets_no_code(letter):
    letter.pk = None

    with pytest.raises(ValueError, match="pk is not set yet"):
        letter.code.issue(until=UNTIL)
    assert letter.code_digest == ""


def test_a_code_needs_the_servers_secret(letter, settings):
    code = letter.code.issue(until=UNTIL)
    settings.SECRET_KEY = "another secret"

    assert not letter.code.fits(code, now=NOW)
