"""
The counter of a series and year.

A number is taken while its rows are locked, in the transaction that keeps the document under it:
one that is rolled back gives its number back. CGI, annex II, article 242 nonies A, I, 7°: a number
unique and based on a chronological and continuous sequence.
"""

from dataclasses import dataclass
from datetime import date, datetime

from nichandle.commerce.invoices.models import Series
from nichandle.commerce.invoices.selling import sellers
from nichandle.platform.kernel.database import locked

DIGITS = 6


class ClockBehind(Exception):
    """The clock says a day before the last document's: nothing is dated backwards."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The number a document would have now, and its date."""

    series: str
    year: int
    sequence: int
    on: date

    @property
    def number(self) -> str:
        return f"{self.series}{self.year}-{self.sequence:0{DIGITS}}"


def today(now: datetime) -> date:
    """Return the seller's day."""
    return sellers.day(now)


def candidate(series: str, on: date) -> Candidate:
    """
    Return the number that a document of this day would have, without taking it.

    :raises ClockBehind: when the series has one of a later day
    """
    return _next(list(Series.objects.filter(name=series)), series, on)


def take(wanted: Candidate) -> bool:
    """
    Take the number if it is still the next; inside a transaction, which holds the counter.

    :raises ClockBehind: as in ``candidate``
    """
    counter = Series(name=wanted.series, year=wanted.year)
    Series.objects.bulk_create([counter], ignore_conflicts=True)
    # All years: one that is about to end and the next one wait for each other.
    rows = list(locked(Series.objects.filter(name=wanted.series).order_by("year")))
    if _next(rows, wanted.series, wanted.on) != wanted:
        return False
    counted = Series.objects.filter(name=wanted.series, year=wanted.year)
    counted.update(last=wanted.sequence, last_on=wanted.on)
    return True


def _next(rows: list[Series], series: str, on: date) -> Candidate:
    if any(row.last_on and row.last_on > on for row in rows):
        raise ClockBehind
    last = next((row.last for row in rows if row.year == on.year), 0)
    return Candidate(series, on.year, last + 1, on)
