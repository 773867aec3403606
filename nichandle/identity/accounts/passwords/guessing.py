"""
How many guesses a password stands, counted by the strength library over bounded work.

Two of the library's own matchers take a time that whoever types chooses: that of look-alike signs
(l33t) tries every set of substitutions, which doubles with each sign, and that of repeats begins
the whole anew for each piece. They are replaced by ones that read the same things.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from typing import Any

from nichandle.identity.accounts.passwords import lists
from nichandle.platform.kernel.later import later

matching = later("zxcvbn.matching")
scoring = later("zxcvbn.scoring")

WINDOW = 24
"""
The estimate takes time by more than the square of the length: some 20 ms at worst for so many
signs, which ``bench/password-cost`` searches for.
Of what is longer the beginning counts, or the end where the beginning is weak.
"""
EASY = 10**6
"""Guesses that a patient thief makes online; what falls to fewer is refused as common."""

Words = Mapping[str, Mapping[str, int]]
Match = dict[str, Any]

_SHORTEST, _LONGEST = re.compile(r"(.+?)\1+", re.DOTALL), re.compile(r"(.+)\1+", re.DOTALL)


def guesses(password: str, own_words: Iterable[str] = ()) -> float:
    """
    Estimate the guesses that find a password for somebody who knows the person's own words.

    The library's own door is not used: it leaves the own words in a dictionary of the module,
    where the next thread would read them.
    """
    words: Words = {"known": lists.ranked(), "own": dict.fromkeys(own_words, 1)}
    found = _counted(password[:WINDOW], words)
    if found < EASY and len(password) > WINDOW:
        found = max(found, _counted(password[-WINDOW:], words))
    return found


def _counted(text: str, words: Words) -> float:
    pieces = [*_matches(text, words), *_repeats(text, words)]
    return float(scoring.most_guessable_match_sequence(text, pieces)["guesses"])


def _matches(text: str, words: Words) -> list[Match]:
    looked_up = (matching.dictionary_match, matching.reverse_dictionary_match, _look_alikes)
    found = [match for matcher in looked_up for match in matcher(text, words)]
    patterns = (
        matching.spatial_match,
        matching.sequence_match,
        matching.regex_match,
        matching.date_match,
    )
    return found + [match for matcher in patterns for match in matcher(text)]


@cache
def _letters() -> dict[str, list[str]]:
    """Return the letters that each sign looks like."""
    table: Mapping[str, Iterable[str]] = matching.L33T_TABLE
    return {
        sign: [letter for letter, signs in table.items() if sign in signs]
        for sign in {sign for signs in table.values() for sign in signs}
    }


def _look_alikes(text: str, words: Words) -> list[Match]:
    """
    Find words written with signs that look like letters.

    Each sign stands for one letter throughout the text. Only ``1``, ``|`` and ``7`` look like two,
    so there are eight readings at most; the library reads no two signs as the same letter, which
    misses ``p4ssw@rd`` and makes thousands.
    """
    letters_of = _letters()
    signs = sorted(set(text) & letters_of.keys())
    found: dict[tuple[int, int, str], Match] = {}
    for letters in product(*(letters_of[sign] for sign in signs)) if signs else ():
        reading = dict(zip(signs, letters, strict=True))
        for match in matching.dictionary_match(
            "".join(reading.get(sign, sign) for sign in text), words
        ):
            token = text[match["i"] : match["j"] + 1]
            used = {sign: letter for sign, letter in reading.items() if sign in token}
            if used and len(token) > 1:
                match.update(l33t=True, token=token, sub=used)
                found.setdefault((match["i"], match["j"], match["matched_word"]), match)
    return list(found.values())


def _repeats(text: str, words: Words) -> list[Match]:
    """Find pieces that come several times in a row, each judged once and by itself."""
    found, at = [], 0
    while longest := _LONGEST.search(text, at):
        shortest = _SHORTEST.search(text, at)
        # Of "aabaab" the longest says all, of "aaaaa" the shortest.
        match = longest if not shortest or len(longest[0]) > len(shortest[0]) else shortest
        whole = _SHORTEST.fullmatch(match[0])
        piece = whole[1] if whole else match[1]
        judged = scoring.most_guessable_match_sequence(piece, _matches(piece, words))
        found.append(
            {
                "pattern": "repeat",
                "i": match.start(),
                "j": match.end() - 1,
                "token": match[0],
                "base_token": piece,
                "base_guesses": judged["guesses"],
                "base_matches": judged["sequence"],
                "repeat_count": len(match[0]) // len(piece),
            }
        )
        at = match.end()
    return found
