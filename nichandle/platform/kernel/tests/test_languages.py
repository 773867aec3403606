"""Which languages there are, and what follows from one."""

import pytest
from django.conf import settings
from django.utils import translation

from nichandle.platform.kernel.wording import languages


def test_the_english_of_the_code_and_every_catalogue_are_known():
    assert languages.known()[0] == "en"
    assert "fr" in languages.known()
    assert set(languages.known()) >= {code for code, _name in settings.LANGUAGES}


def test_languages_are_called_as_their_speakers_call_them():
    assert [languages.own_name(code) for code in ("fr", "en", "de", "pt-br")] == [
        "Français",
        "English",
        "Deutsch",
        "Português (Brasil)",
    ]


def test_the_products_first_language_is_spoken_where_none_was_asked_for():
    with translation.override(None):
        assert languages.current() == settings.LANGUAGES[0][0] == "fr"
    with translation.override("en"):
        assert languages.current() == "en"


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [("fr_FR.UTF-8", "fr"), ("fr", "fr"), ("en_GB.UTF-8", "en"), ("C.UTF-8", "en"), ("", "en")],
)
def test_a_terminal_hears_its_language_or_english(wanted, spoken):
    assert languages.nearest(wanted) == spoken


def test_countries_are_named_in_every_language():
    assert languages.country_names("fr")["DE"] == "Allemagne"
    assert languages.country_names("pt-br")["DE"] == "Alemanha"


@pytest.mark.parametrize(("language", "sign"), [("fr", ";"), ("de", ";"), ("en", ",")])
def test_cells_are_separated_as_the_languages_spreadsheets_expect(language, sign):
    assert languages.cell_separator(language) == sign
