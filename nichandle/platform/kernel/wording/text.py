"""Text as people type it: cleaned for storage, folded for comparison."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINKED = re.compile(r"\S*(?:[:@/\\]\S|\w[.。．｡][^\W\d_]{2}|www[.。．｡])\S*", re.IGNORECASE)
_JOINERS = re.compile("[\u200c\u200d]+")
JOINING = (
    (0x0600, 0x08FF),  # Arabic, Syriac, Thaana, N'Ko, Mandaic
    (0x0900, 0x0DFF),  # Devanagari to Sinhala
    (0x0F00, 0x109F),  # Tibetan, Myanmar
    (0x1780, 0x18AF),  # Khmer, Mongolian
    (0x1A20, 0x1CFF),  # Tai Tham, Balinese and other scripts of Indonesia, Vedic signs
    (0xA840, 0xABFF),  # 'Phags-pa, Saurashtra, Javanese, Cham, Meetei Mayek
    (0xFB50, 0xFDFF),  # Arabic presentation forms
    (0xFE70, 0xFEFF),
    (0x10AC0, 0x10FFF),  # Manichaean to Sogdian
    (0x11000, 0x11FFF),  # Brahmi and its daughters
    (0x1E900, 0x1E95F),  # Adlam
)
"""Scripts in whose spelling the joiners have a part (Unicode 16, 23.2; UAX 31, 2.3)."""
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean(text: str) -> str:
    """
    Bring to NFC, drop invisible characters, make every run of spaces one, trim.

    A joiner stays between two letters of a script that spells with it: without it a Persian or
    Sinhala name is misspelt.
    """
    # Line breaks are invisible too, and stand for a space.
    visible = "".join(
        sign
        for sign in unicodedata.normalize("NFC", text)
        if sign.isspace() or sign in "\u200c\u200d" or unicodedata.category(sign) not in _INVISIBLE
    )
    return _SPACES.sub(" ", _JOINERS.sub(_joiner, visible)).strip()


def _joiner(found: re.Match[str]) -> str:
    """Keep one joiner where it stands between letters that it can join or part."""
    before = found.string[: found.start()][-1:]
    after = found.string[found.end() :][:1]
    return found[0][0] if _joins(before) and _joins(after) else ""


def _joins(sign: str) -> bool:
    spelt = unicodedata.category(sign)[0] in "LM" if sign else False
    return spelt and any(first <= ord(sign) <= last for first, last in JOINING)


def fold(text: str) -> str:
    """Bring to the form in which names are compared and searched: no case, no accents."""
    folded, before = _fold_once(text), text
    # Taking a sign apart may yield one that folds further; two rounds settle what Unicode has.
    while folded != before:
        folded, before = _fold_once(folded), folded
    return folded


def undirected(text: str) -> str:
    """Leave out the invisible signs that turn the direction of what follows them (UAX 9)."""
    return _DIRECTIONS.sub("", text)


def unlinked(text: str) -> str:
    """
    Leave out of a name what a mail program would make a link of.

    For names that somebody else may have chosen: the reader of a mail is led nowhere by them.
    """
    return _LINKED.sub("…", clean(undirected(text)))


def _fold_once(text: str) -> str:
    apart = unicodedata.normalize("NFKD", clean(text).casefold())
    bare = "".join(sign for sign in _JOINERS.sub("", apart) if not unicodedata.combining(sign))
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", bare)).strip()


def prefix_range(folded: str) -> tuple[str, str]:
    """Bounds [low, high) of all byte-collated texts that begin with ``folded``."""
    return folded, folded + "\U0010ffff"
