"""
Texts that look like another: letters of several scripts in one word, or all of them look-alikes.

Unicode's UTS 39: a word is honest at its level "highly restrictive" (one script, or Latin beside
those of Chinese, Japanese or Korean), unless all of it could be read as ASCII letters.
"""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

_DATA = Path(__file__).resolve().parent / "data" / "lookalikes.txt"
_TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)
# How the names of a script's characters begin, where it is not with the script.
_ALSO = {
    "ARABIC-INDIC": "ARABIC",
    "EXTENDED": "ARABIC",
    "IDEOGRAPHIC": "CJK",
    "HALFWIDTH": "KATAKANA",
}
_STROKES = frozenset("丨丶丿亅乙一二三〇口工卜ーノソヘへニハロエカト・〆")
"""What reads as a line, a bar, a slash or a Latin letter where it stands among Latin letters."""
_COMMON = {"COMBINING", "DIGIT", "KATAKANA-HIRAGANA"}
# Ordinary letters of a language under its own domains, where nobody takes them for another.
_AT_HOME = {"ı": {"tr", "az"}}


def misleading(word: str, *, under: str = "") -> bool:
    """
    Tell whether a label of a domain, or the local part of an address, may be read as another.

    ``under`` is the top-level domain. Where its own script is that of the word, as with хор.рф,
    nobody expects Latin letters.
    """
    if word.isascii():
        return False
    if any(_in_disguise(sign) for sign in word):
        return True
    signs = unicodedata.normalize("NFKD", word)
    scripts = _scripts(signs)
    if len(scripts) > 1 and not any(scripts <= some for some in _TOGETHER):
        return True
    beside = {sign for sign in signs if not sign.isascii() and _script(sign) != "LATIN"}
    if "LATIN" in scripts and beside and beside <= _STROKES:
        return True
    strange = {sign for sign in signs if sign.isalnum() and not sign.isascii()}
    strange -= {sign for sign in strange if under in _AT_HOME.get(sign, ())}
    at_home = not under.isascii() and scripts == _scripts(under)
    return bool(strange) and not at_home and strange <= _lookalikes()


def _in_disguise(sign: str) -> bool:
    """Tell whether it is a form of an ASCII letter: full-width, or a small capital of phonetics."""
    if sign.isascii():
        return False
    return unicodedata.normalize("NFKC", sign).isascii() or _small_capital(sign)


@lru_cache(maxsize=4096)
def _small_capital(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith("LATIN LETTER SMALL CAPITAL")


def _scripts(text: str) -> set[str]:
    """Return the scripts of a text, as the names of its characters begin."""
    found = {_script(sign) for sign in text if sign.isalnum() or unicodedata.combining(sign)}
    return found - _COMMON


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    first = unicodedata.name(sign, "UNNAMED").split()[0]
    return _ALSO.get(first, first)


@cache
def _lookalikes() -> frozenset[str]:
    lines = _DATA.read_text("utf-8").splitlines()
    return frozenset("".join(line for line in lines if not line.startswith("#")))
