"""How many guesses a password stands, as the strength library counts them."""

from collections.abc import Iterable

from zxcvbn.matching import omnimatch
from zxcvbn.scoring import most_guessable_match_sequence

from nichandle.identity.accounts.passwords import lists

WINDOW = 24
"""
The estimate takes time by more than the square of the length: 0.1 s at worst for so many signs.
Of what is longer the beginning counts, or the end where the beginning is weak.
"""
EASY = 10**6
"""Guesses that a patient thief makes online; what falls to fewer is refused as common."""


def guesses(password: str, own_words: Iterable[str] = ()) -> float:
    """
    Estimate the guesses that find a password for somebody who knows the person's own words.

    The library's own door is not used: it leaves the own words in a dictionary of the module,
    where the next thread would read them. A copy costs 2 ms; a second dictionary would double all.
    """
    words = {"known": {**lists.ranked(), **dict.fromkeys(own_words, 1)}}
    found = _counted(password[:WINDOW], words)
    if found < EASY and len(password) > WINDOW:
        found = max(found, _counted(password[-WINDOW:], words))
    return found


def _counted(text: str, words: dict[str, dict[str, int]]) -> float:
    return float(most_guessable_match_sequence(text, omnimatch(text, words))["guesses"])
