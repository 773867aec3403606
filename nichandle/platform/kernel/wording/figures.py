"""
Figures said once: sentences take theirs from the constant that rules them.

Code gives the constant itself: ``with_figures(_("… for %(time)s."), time=Duration(LIFETIME))``. A
template, and code that may not import the constant, gives its name in the room that rules it:
``"emailchange.undo"`` is ``FIGURES["undo"]`` of that room's ``figures.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import TypeVar, cast

from django.apps import apps
from django.utils.functional import Promise, lazy

from nichandle.platform.kernel.wording import durations

MEGABYTE = 1024 * 1024
Figure = timedelta | int
Text = TypeVar("Text", bound=str | Promise)


@cache
def declared(room: str) -> Mapping[str, Figure]:
    """
    Return what a room declares, by the name of its app.

    :raises LookupError: when there is no such room
    """
    module = f"{apps.get_app_config(room).name}.figures"
    found: Mapping[str, Figure] = import_module(module).FIGURES
    return found


def figure(name: str) -> Figure:
    """
    Return the figure that a room has declared, by the name of its app and its own.

    :raises LookupError: when there is no such room, or no such figure of it
    """
    room, _dot, own = name.partition(".")
    return declared(room)[own]


def length_of(given: timedelta | str) -> timedelta:
    """Return a length of time that is given by itself or by its name."""
    found = figure(given) if isinstance(given, str) else given
    assert isinstance(found, timedelta), f"{given} is no length of time"
    return found


@dataclass(frozen=True, slots=True)
class Duration:
    """
    A length of time as a value of a sentence, written when that is: in the reader's language.

    ``form`` is what ``durations.written`` takes.
    """

    given: timedelta | str
    form: durations.Form = ""
    in_words: bool = field(default=False, kw_only=True)

    def __str__(self) -> str:
        return durations.written(length_of(self.given), self.form, in_words=self.in_words)


@dataclass(frozen=True, slots=True)
class Number:
    """A count as a value of a sentence, in a word."""

    count: int

    def __str__(self) -> str:
        return durations.number(self.count)


@dataclass(frozen=True, slots=True)
class Megabytes:
    """A number of bytes as a value of a sentence that goes on with “MB”."""

    given: int | str

    def __str__(self) -> str:
        found = figure(self.given) if isinstance(self.given, str) else self.given
        assert isinstance(found, int), f"{self.given} is no number"
        return str(found // MEGABYTE)


def _said(message: str | Promise, values: dict[str, object]) -> str:
    said = str(message % values)
    return said[:1].upper() + said[1:]


_lazily_said = lazy(_said, str)


def with_figures(message: Text, **values: object) -> Text:
    """
    Say a translatable sentence with its figures, lazily: in the language of whoever reads it.

    It may begin with a number in words: its first letter becomes a capital.
    """
    return cast(Text, _lazily_said(message, values))
