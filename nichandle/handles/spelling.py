"""What a person may have meant: the keys a typed text can stand for. Knows no database."""

import re
from collections.abc import Iterator, Sequence

from nichandle.handles import identifier

_LETTERS_TO_DIGITS = str.maketrans({"o": "0", "i": "1", "l": "1"})
_DIGIT_TO_LETTERS = {"0": ("o",), "1": ("i", "l")}
_DIGITS = "0123456789"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SHAPED = re.compile(r"([a-z]{2})([0-9]{3,8})([a-z]*)")
_BODY = re.compile(r"[a-z01]{2}[0-9oil]{4,7}")
_TAIL = re.compile(r"[a-z]{2,5}")
SHORTEST_BODY, LONGEST_BODY = 6, 9
LONGEST = 40


def keys(text: str, *, suffix: str) -> list[frozenset[str]]:
    """
    Return the keys that a typed text may stand for, in ranks: a better rank is looked at first.

    First the text as it is, and with the operator's suffix; then with look-alikes put right (``O``
    for ``0``, ``I`` and ``l`` for ``1``). An address is never an identifier.
    """
    if "@" in text or len(text) > LONGEST:
        return []
    typed = identifier.key(text)
    if not typed:
        return []
    own = suffix.casefold()
    exact = frozenset({typed})
    completed = frozenset({typed + own})
    forgiven = frozenset(_forgiven(typed, own)) - exact - completed
    return [rank for rank in (exact | completed, forgiven) if rank]


def near(text: str, *, suffix: str) -> frozenset[str]:
    """
    Return the keys at one mistake's distance from a typed text; for agents only.

    One digit or letter wrong, two neighbours swapped, one digit missing or too many.
    """
    found: set[str] = set()
    for rank in keys(text, suffix=suffix):
        for candidate in rank:
            shaped = _SHAPED.fullmatch(candidate)
            if shaped and (shaped[3] or candidate == identifier.key(text)):
                found.update(_mistaken(shaped[1], shaped[2], shaped[3] or suffix.casefold()))
    return frozenset(found)


def _forgiven(typed: str, own: str) -> Iterator[str]:
    """Put look-alikes right in every reading: with our suffix, without any, with another one."""
    for body in {typed, typed.removesuffix(own)}:
        if _BODY.fullmatch(body):
            yield from _put_right(body, own)
    for cut in range(SHORTEST_BODY, LONGEST_BODY + 1):
        body, tail = typed[:cut], typed[cut:]
        if _BODY.fullmatch(body) and _TAIL.fullmatch(tail):
            yield from _put_right(body, tail)


def _put_right(body: str, tail: str) -> Iterator[str]:
    for letters in _as_letters(body[:2]):
        yield letters + body[2:].translate(_LETTERS_TO_DIGITS) + tail


def _as_letters(head: str) -> Iterator[str]:
    firsts: Sequence[str] = _DIGIT_TO_LETTERS.get(head[0], (head[0],))
    seconds: Sequence[str] = _DIGIT_TO_LETTERS.get(head[1], (head[1],))
    for first in firsts:
        for second in seconds:
            yield first + second


def _mistaken(letters: str, digits: str, suffix: str) -> Iterator[str]:
    for one in _changed(digits, _DIGITS):
        yield letters + one + suffix
    for one in _changed(letters, _ALPHABET):
        yield one + digits + suffix
    yield letters[::-1] + digits + suffix
    for place in range(len(digits) - 1):
        swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        yield letters + swapped + suffix
    for place in range(len(digits)):
        yield letters + digits[:place] + digits[place + 1 :] + suffix
    for place in range(len(digits) + 1):
        for digit in _DIGITS:
            yield letters + digits[:place] + digit + digits[place:] + suffix


def _changed(text: str, alphabet: str) -> Iterator[str]:
    for place, there in enumerate(text):
        for sign in alphabet:
            if sign != there:
                yield text[:place] + sign + text[place + 1 :]
