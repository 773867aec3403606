"""Text as people type it: cleaned for storage, folded for comparison."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINKED = re.compile(r"\S*(?:[:@/\\]\S|\w[.。．｡][^\W\d_]{2}|www[.。．｡])\S*", re.IGNORECASE)
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean(text: str) -> str:
    """Bring to NFC, drop invisible characters, make every run of spaces one, trim."""
    # Line breaks are invisible too, and stand for a space.
    visible = (
        sign
        for sign in unicodedata.normalize("NFC", text)
        if sign.isspace() or unicodedata.category(sign) not in _INVISIBLE
    )
    return _SPACES.sub(" ", "".join(visible)).strip()


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
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", bare)).strip()


def prefix_range(folded: str) -> tuple[str, str]:
    """Bounds [low, high) of all byte-collated texts that begin with ``folded``."""
    return folded, folded + "\U0010ffff"
