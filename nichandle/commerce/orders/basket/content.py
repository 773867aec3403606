"""
What somebody is about to order, as the browser keeps it.

It lies in a cookie, so that strangers fill no table and nobody can open another's. What it says is
typed by whoever sends it: everything is judged against the catalogue whenever it is read, and it
holds neither price nor name.
"""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.errors import Refused

MOST_LINES = 10
LONGEST = 3500
"""Browsers keep 4,096 bytes of a cookie, its name and attributes included (RFC 6265)."""
LONGEST_ANSWER = 253
MOST_ANSWERS = 10


class BasketFull(Refused):
    code = "order.basket_full"
    message = _("The basket is full. Order what is in it first, then the rest.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One product for one period, with the answers to its questions."""

    product: str
    months: int
    answers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> list[Any]:
        return [self.product, self.months, dict(self.answers)]


@dataclass(frozen=True, slots=True)
class Basket:
    """What is wanted, in the order in which it was put in."""

    lines: tuple[Wanted, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines)

    def with_line(self, wanted: Wanted) -> "Basket":
        """
        Add a line; the very same one twice is a double click, and stays one.

        :raises BasketFull: with more than the browser can keep
        """
        if wanted in self.lines:
            return self
        basket = Basket((*self.lines, wanted))
        if len(basket.lines) > MOST_LINES or len(written(basket)) > LONGEST:
            raise BasketFull
        return basket

    def without(self, wanted: str) -> "Basket":
        """Take the line of this ``name_of`` out; when it is out already, nothing happens."""
        return Basket(tuple(line for line in self.lines if name_of(line) != wanted))


EMPTY = Basket()


def name_of(line: Wanted) -> str:
    """Name a line by what it says, so that a button on an old page takes out no other one."""
    return tokens.digest(_packed([line.as_json()]))[:16]


def written(basket: Basket) -> str:
    """Write a basket as the value of a cookie."""
    return _packed([line.as_json() for line in basket.lines])


def read(value: str) -> Basket:
    """Read what a browser sends; what is no basket is an empty one."""
    if not value or len(value) > LONGEST:
        return EMPTY
    with suppress(ValueError, RecursionError):
        rows = json.loads(base64.urlsafe_b64decode(value.encode("ascii")))
        if isinstance(rows, list) and len(rows) <= MOST_LINES:
            return Basket(_different(rows))
    return EMPTY


def _different(rows: list[Any]) -> tuple[Wanted, ...]:
    lines: list[Wanted] = []
    for row in rows:
        line = _line(row)
        if line is not None and line not in lines:
            lines.append(line)
    return tuple(lines)


def _line(row: Any) -> Wanted | None:
    match row:
        case [str(product), int(months), dict(answers)] if _sound(product, months, answers):
            return Wanted(product, months, answers)
    return None


def _sound(product: str, months: int, answers: dict[Any, Any]) -> bool:
    said = [product, *answers, *answers.values()]
    texts = all(isinstance(text, str) and _writable(text) for text in said)
    return texts and not isinstance(months, bool) and len(answers) <= MOST_ANSWERS


def _writable(text: str) -> bool:
    """Tell whether a database can keep it: no NUL, no half of a surrogate pair, not too long."""
    return (
        len(text) <= LONGEST_ANSWER
        and "\0" not in text
        and not any("\ud800" <= letter <= "\udfff" for letter in text)
    )


def _packed(rows: list[Any]) -> str:
    text = json.dumps(rows, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode()
