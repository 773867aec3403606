"""Where a customer is for VAT: by postcode first, and only then by country."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from nichandle.commerce.invoices.vat.tables import read

FRENCH_CODES = frozenset(
    {"BL", "GF", "GP", "MC", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"}
)
"""Places with a country code of their own whose postcodes France gives."""
_PARENT = {**dict.fromkeys(FRENCH_CODES, "FR"), "IC": "ES", "EA": "ES", "AX": "FI", "XI": "GB"}


@dataclass(frozen=True, slots=True)
class Territory:
    """A place with one VAT; ``rates`` names its table of rates, "" where none is charged."""

    code: str
    zone: str
    rates: str
    place: Mapping[str, str]


def territory_of(country: str, postcode: str) -> Territory:
    """Return the territory of an address; ``country`` is an ISO 3166 code."""
    bare = "".join(postcode.split()).replace("-", "").upper()
    for territory, patterns in _by_postcode():
        if any(_fits(bare, pattern) for home, pattern in patterns if home == country):
            return territory
    return _by_country().get(country) or Territory(country, "world", "", {})


def strays(country: str, postcode: str) -> bool:
    """Say whether a place with postcodes of its own is given with one of somewhere else."""
    own = _by_country().get(country)
    if own is None or country not in _PARENT or not postcode:
        return False
    return territory_of(country, postcode) is own and not _has(own, country, postcode)


def kin(country: str, other: str) -> bool:
    """Say whether two codes may mean one place: a bank in Réunion is ``FR`` or ``RE``."""
    return _PARENT.get(country, country) == _PARENT.get(other, other)


def parent(country: str) -> str:
    """Return the state whose code a place is often given under."""
    return _PARENT.get(country, country)


def _has(territory: Territory, country: str, postcode: str) -> bool:
    bare = "".join(postcode.split()).upper()
    listed = next(patterns for found, patterns in _by_postcode() if found is territory)
    return any(_fits(bare, pattern) for home, pattern in listed if home == country)


def _fits(postcode: str, pattern: str) -> bool:
    low, _dash, high = pattern.partition("-")
    return low <= postcode[: len(low)] <= (high or low)


@cache
def _by_postcode() -> tuple[tuple[Territory, tuple[tuple[str, str], ...]], ...]:
    return tuple(
        (
            Territory(
                row["code"], row["zone"], row.get("rates", ""), {"fr": row["fr"], "en": row["en"]}
            ),
            tuple(_pattern(text) for text in row["postcodes"]),
        )
        for row in read("territories.toml")["territory"]
    )


def _pattern(text: str) -> tuple[str, str]:
    country, pattern = text.split(" ")
    return country, pattern


@cache
def _by_country() -> Mapping[str, Territory]:
    states = read("territories.toml")["states"]
    return {
        **{territory.code: territory for territory, _patterns in _by_postcode()},
        **{
            code: Territory(code, "france" if code == "FR" else "eu", code, place)
            for code, place in states.items()
        },
    }
