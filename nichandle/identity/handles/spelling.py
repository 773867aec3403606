"""What a person may have meant: the keys a typed text can stand for. Knows no database."""

import re
from collections.abc import Iterator, Sequence

from nichandle.identity.handles import identifier

LONGEST = 40
"""Signs of the longest text worth looking up, without what stands between; an identifier has 16."""
LONGEST_TYPED = 100
"""The same with everything between: a space or a dash with spaces after every sign."""

# Ranks of ``near``, best first. Of all slips with digits Verhoeff counted 79 % single wrong ones
# and 10 % swaps of neighbours; but there are ten times fewer swaps, so each of them is likelier.
EXACT, ALIKE, SWAPPED, DIGIT, COUNT, SOUND, LETTER = range(7)
_AND_ALIKE = 10
_BASES = 6

_DIGITS = "0123456789"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_TO_DIGITS = str.maketrans("oil", "011")
_DIGIT_TO_LETTERS = {"0": "o", "1": "il"}
_SOUND_ALIKE = ("bcdegptv", "mn", "fs", "gj", "iy", "ahk", "quw")
_SIGNS = re.compile(r"[a-z0-9]+")
_HEAD = re.compile(r"[a-z01]{2}[0-9oil]{4,7}")
_TAIL = re.compile(r"[a-z]{2,5}")
_SHORTEST_HEAD, _LONGEST_HEAD = 6, 9
_PLAUSIBLE = re.compile(r"[a-z]{2,4}[0-9]{0,7}[a-z]{0,10}")


def keys(text: str, *, suffix: str) -> list[frozenset[str]]:
    """
    Return the keys that a typed text may stand for, in ranks: a better rank is looked at first.

    First the text as it is, and with the operator's suffix; then with look-alikes put right (``O``
    for ``0``, ``I`` and ``l`` for ``1``). An address is never an identifier.
    """
    typed = _typed(text)
    if not typed:
        return []
    own = suffix.casefold()
    exact = frozenset({typed, typed + own})
    forgiven = frozenset(_forgiven(typed, own)) - exact
    return [rank for rank in (exact, forgiven) if rank]


def skeleton(text: str, *, suffix: str) -> str:
    """
    Return what all spellings of one identifier have in common; empty when it cannot be one.

    With our suffix or without, with look-alikes or put right. Rarely two identifiers share one.
    """
    typed, own = (one.translate(_TO_DIGITS) for one in (_typed(text), suffix.casefold()))
    return typed.removesuffix(own) + own if typed else ""


def near(text: str, *, suffix: str) -> dict[str, int]:
    """
    Return the keys at no more than one mistake's distance from a typed text, each with its rank.

    One digit or letter wrong, two neighbours swapped, one sign missing or too many; look-alikes
    count as no mistake. The lower the rank, the likelier. For agents only.
    """
    found: dict[str, int] = {}
    ranks = keys(text, suffix=suffix)
    for rank, meant in enumerate(ranks):
        found |= dict.fromkeys(meant, rank)
    own, typed = suffix.casefold(), _typed(text)
    for base, tail in ((typed, ""), (typed, own)):
        _add(found, base, tail, 0)
    for base in sorted(ranks[1])[:_BASES] if len(ranks) > 1 else ():
        _add(found, base, "", _AND_ALIKE)
    return found


def _typed(text: str) -> str:
    """Fold what was typed; nothing when it cannot be an identifier: an address has an ``@``."""
    if len(text) > LONGEST_TYPED:
        return ""
    typed = identifier.key(text)
    return typed if _SIGNS.fullmatch(typed) and len(typed) <= LONGEST else ""


def _forgiven(typed: str, own: str) -> Iterator[str]:
    for head, tail in _readings(typed, own):
        digits = head[2:].translate(_TO_DIGITS)
        for first in _as_letters(head[0]):
            for second in _as_letters(head[1]):
                yield first + second + digits + tail


def _readings(typed: str, own: str) -> Iterator[tuple[str, str]]:
    """Cut a text into head and suffix in every way: our suffix, none, that of another provider."""
    if _HEAD.fullmatch(typed):
        yield typed, own
    for cut in range(_SHORTEST_HEAD, _LONGEST_HEAD + 1):
        head, tail = typed[:cut], typed[cut:]
        if not _HEAD.fullmatch(head):
            continue
        if tail.translate(_TO_DIGITS) == own.translate(_TO_DIGITS):
            yield head, own
        elif _TAIL.fullmatch(tail):
            yield head, tail


def _as_letters(sign: str) -> Sequence[str]:
    return _DIGIT_TO_LETTERS.get(sign, sign)


def _add(found: dict[str, int], base: str, tail: str, penalty: int) -> None:
    for rank, mistaken in _mistakes(base):
        candidate = mistaken + tail
        if _PLAUSIBLE.fullmatch(candidate):
            found[candidate] = min(rank + penalty, found.get(candidate, rank + penalty))


def _mistakes(text: str) -> Iterator[tuple[int, str]]:
    """Yield all texts at one mistake's distance; a digit stays a digit, a letter a letter."""
    for place, sign in enumerate(text):
        before, after = text[:place], text[place + 1 :]
        yield COUNT, before + after
        for other in _kind(sign):
            if other != sign:
                yield _wrong(sign, other), before + other + after
        if after and _kind(sign) == _kind(after[0]):
            yield SWAPPED, before + after[0] + sign + after[1:]
    for place in range(len(text) + 1):
        for other in sorted(
            {new for side in text[max(place - 1, 0) : place + 1] for new in _kind(side)}
        ):
            yield COUNT, text[:place] + other + text[place:]


def _kind(sign: str) -> str:
    return _DIGITS if sign.isdigit() else _ALPHABET


def _wrong(sign: str, other: str) -> int:
    if sign.isdigit():
        return DIGIT
    return SOUND if any(sign in group and other in group for group in _SOUND_ALIKE) else LETTER
