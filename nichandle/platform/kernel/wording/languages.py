"""
Languages: which the product can speak, and what follows from the reader's.

A language is the English of the code or a catalogue in ``nichandle/locale``; which of them a
provider offers, and in which order, is the setting NICHANDLE_LANGUAGES. See docs/languages.md.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language

import nichandle

ENGLISH = "en"
CATALOGUES = Path(nichandle.__path__[0]) / "locale"


@cache
def known() -> tuple[str, ...]:
    """Return the codes of the languages there are, such as "fr" or "pt-br"."""
    # The package that is installed brings what was compiled, a checkout the source of it too.
    found = {path.parents[1].name for path in CATALOGUES.glob("*/LC_MESSAGES/django.[mp]o")}
    return (ENGLISH, *sorted(name.replace("_", "-").lower() for name in found))


def own_name(code: str) -> str:
    """Name a language as those who speak it do: « Français »."""
    name = Locale.parse(code, sep="-").get_display_name() or code
    return name[0].upper() + name[1:]


def current() -> str:
    """Return the code of the language spoken now: the product's first where nobody asked."""
    return get_language() or settings.LANGUAGE_CODE


def nearest(wanted: str) -> str:
    """Return the language of a terminal's locale, such as "fr_FR.UTF-8"; English if unknown."""
    code = wanted.partition(".")[0].replace("_", "-").lower()
    return next((each for each in (code, base(code)) if each in known()), ENGLISH)


def base(code: str) -> str:
    """Return a language without its region: "pt" of "pt-br"."""
    return code.partition("-")[0].lower()


def country_names(language: str) -> Mapping[str, str]:
    """Return the names of countries in a language, by ISO 3166 code."""
    names: Mapping[str, str] = Locale(base(language)).territories
    return names


def cell_separator(language: str) -> str:
    """
    Return what stands between two cells of a CSV file.

    Where the comma separates decimals, spreadsheets expect the semicolon.
    """
    decimal = Locale(base(language)).number_symbols["latn"]["decimal"]
    return ";" if decimal == "," else ","
