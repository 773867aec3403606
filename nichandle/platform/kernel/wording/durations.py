"""
How a sentence writes a length of time: “24 hours”, “7 days”, “one hour”; in words “four hours”.

The catalogue holds the units and how they bend: after “plus”, French says “de 7 jours” and
“d’une heure”. So no sentence holds a figure that some constant rules, in any language.
"""

from datetime import timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy, npgettext_lazy, pgettext_lazy

Form = Literal["", "than", "within"]

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST_IN_HOURS = 3 * DAY
"""What is longer is written in days; with the number in words, whole days always are."""

_IN_FIGURES = {
    DAY: ngettext_lazy("one day", "%(count)s days", "n"),
    HOUR: ngettext_lazy("one hour", "%(count)s hours", "n"),
    MINUTE: ngettext_lazy("one minute", "%(count)s minutes", "n"),
    SECOND: ngettext_lazy("one second", "%(count)s seconds", "n"),
}
_IN_WORDS = {
    DAY: ngettext_lazy("a day", "%(count)s days", "n"),
    HOUR: ngettext_lazy("an hour", "%(count)s hours", "n"),
    MINUTE: ngettext_lazy("a minute", "%(count)s minutes", "n"),
    SECOND: ngettext_lazy("a second", "%(count)s seconds", "n"),
}
_FORMS: dict[Form, Promise] = {
    # After “older”, “younger”, “less”: French says “plus de 7 jours”, “plus d’une heure”.
    "than": npgettext_lazy("older than", "%(time)s", "%(time)s", "n"),
    # The time in which something must be done: “dans les 30 minutes”.
    "within": npgettext_lazy("within", "%(time)s", "%(time)s", "n"),
}
_NUMBERS = (
    pgettext_lazy("number", "two"),
    pgettext_lazy("number", "three"),
    pgettext_lazy("number", "four"),
    pgettext_lazy("number", "five"),
    pgettext_lazy("number", "six"),
    pgettext_lazy("number", "seven"),
    pgettext_lazy("number", "eight"),
    pgettext_lazy("number", "nine"),
    pgettext_lazy("number", "ten"),
)


def written(length: timedelta, form: Form = "", *, in_words: bool = False) -> str:
    """
    Write a length of time in the language of the moment.

    ``form`` says what stands before it: "than" after “older” and the like, "within" for the time
    in which something is to be done.
    """
    count, unit = units_of(length, in_words=in_words)
    units = _IN_WORDS if in_words else _IN_FIGURES
    time = units[unit] % {"count": number(count) if in_words else count, "n": count}
    return str(_FORMS[form] % {"time": time, "n": count}) if form else str(time)


def units_of(length: timedelta, *, in_words: bool = False) -> tuple[int, timedelta]:
    """
    Return how many of which unit a length of time is written as.

    :raises ValueError: when it is no whole number of seconds, or none at all
    """
    days_from = DAY if in_words else LONGEST_IN_HOURS + DAY
    for unit in (DAY, HOUR, MINUTE, SECOND):
        if length >= (days_from if unit == DAY else unit) and not length % unit:
            return length // unit, unit
    raise ValueError(f"{length!r} cannot be said in whole seconds")


def whole(length: timedelta, unit: timedelta) -> int:
    """
    Return how many of a unit make up a length of time, for sentences that name the unit.

    :raises ValueError: when that is no whole number
    """
    if length % unit:
        raise ValueError(f"{length!r} is no whole number of {unit!r}")
    return length // unit


def number(count: int) -> str:
    """Write a count in a word from two to ten, in figures beyond."""
    words = dict(enumerate(_NUMBERS, start=2))
    return str(words.get(count, count))
