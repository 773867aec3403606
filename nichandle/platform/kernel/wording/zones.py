"""Time zones as people chose them, read on the machine that serves now, and the operator's day."""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from django.conf import settings
from django.utils import timezone

from nichandle.platform.kernel.wording import languages
from nichandle.platform.kernel.wording.text import fold

UTC_NAME = "UTC"
WORLD = "001"
"""What CLDR calls the zones of no country."""
LIKELIEST = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kiev",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "VN": "Asia/Saigon",
}
"""Of countries with several zones, the one most people live in (as primaryZones in CLDR)."""


def zone(name: str) -> ZoneInfo:
    """
    Return a time zone; the operator's where this machine does not know the name.

    Names go: Debian 13 has moved old ones, such as Asia/Calcutta, to a package of their own, and a
    name stored before must not keep anybody out.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.NICHANDLE_TIME_ZONE)


def operators_day(at: datetime | None = None) -> date:
    """Return the day it is where the operator sells, now or at a time; never a customer's own."""
    return timezone.localdate(at, ZoneInfo(settings.NICHANDLE_TIME_ZONE))


def of_country(country: str) -> str:
    """Return the zone somebody of a country most likely lives in; the operator's if unknown."""
    own = settings.NICHANDLE_TIME_ZONE
    if country == settings.NICHANDLE_COUNTRY:
        return str(own)
    zones = get_global("territory_zones").get(country, [])
    found = LIKELIEST.get(country) or (zones[0] if len(zones) == 1 else "")
    return found if found in _usable() else str(own)


def choices(own: str) -> list[tuple[str, str]]:
    """
    Return (name, words) of all zones in the reader's language and order.

    ``own`` is among them whatever it is: nobody loses a zone by looking at it.
    """
    known = _named(languages.current())
    return list(known) if own in dict(known) else [(own, own), *known]


def name_of(zone_name: str) -> str:
    """Name a zone in the reader's language: “France”, “United States (New York)”."""
    return dict(choices(zone_name))[zone_name]


@cache
def _named(language: str) -> tuple[tuple[str, str], ...]:
    locale = Locale(languages.base(language))
    # CLDR gives "France Time"; wanted is the place alone.
    before, _place, after = str(locale.zone_formats["region"]).partition("%s")
    places = {name: get_timezone_location(name, locale=locale) for name in _usable()}
    named = [(name, said.removeprefix(before).removesuffix(after)) for name, said in places.items()]
    ordered = sorted(named, key=lambda pair: fold(pair[1]))
    return (*ordered, (UTC_NAME, UTC_NAME))


@cache
def _usable() -> frozenset[str]:
    by_country = get_global("territory_zones").items()
    known = {name for country, zones in by_country if country != WORLD for name in zones}
    return frozenset(known & available_timezones())
