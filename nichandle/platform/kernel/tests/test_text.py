"""Text is kept as people mean it, and found however they type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.platform.kernel.wording import text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Diane   Mercier ", "Diane Mercier"),
        ("Diane\tMercier\n", "Diane Mercier"),
        ("Diane\u00a0Mercier", "Diane Mercier"),
        ("e\u0301tienne", "étienne"),
        ("Di\u200bane\u202e", "Diane"),
        ("Dia\0ne", "Diane"),
        ("\ufeffDiane", "Diane"),
    ],
)
def test_cleaning_keeps_what_was_meant(typed, kept):
    assert text.clean(typed) == kept


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Étienne LEFÈVRE", "etienne lefevre"),
        ("Ængström", "ængstrom"),
        ("Straße", "strasse"),
        ("ＤＩＡＮＥ", "diane"),
        ("Жанна", "жанна"),
        ("İstanbul", "istanbul"),
        ("ﬁnance", "finance"),
    ],
)
def test_folding_forgets_case_and_accents(written, folded):
    assert text.fold(written) == folded


@given(st.text())
def test_cleaning_twice_is_cleaning_once(typed):
    assert text.clean(text.clean(typed)) == text.clean(typed)


@given(st.text())
def test_folding_twice_is_folding_once(typed):
    assert text.fold(text.fold(typed)) == text.fold(typed)


@given(st.text())
def test_the_database_never_sees_nul(typed):
    assert "\0" not in text.clean(typed)
    assert "\0" not in text.fold(typed)


@given(st.text(), st.text(st.characters(exclude_characters="\U0010ffff")))
def test_a_prefix_range_holds_what_begins_with_it_and_nothing_else(prefix, other):
    low, high = text.prefix_range(prefix)

    # Ordered as the database does it: by bytes.
    inside = _bytes(low) <= _bytes(prefix + other) < _bytes(high)
    assert inside
    if not other.startswith(prefix):
        assert not _bytes(low) <= _bytes(other) < _bytes(high)


def _bytes(words: str) -> bytes:
    return words.encode("utf-8", "surrogatepass")
