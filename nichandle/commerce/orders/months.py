"""Months of the calendar, as contracts count them."""

import calendar
from datetime import date, timedelta


def months_later(start: date, months: int) -> date:
    """
    Return the same day some months later; the last of its month where there is no such day.

    What begins on 31 January runs for a month until 28 February (Regulation 1182/71, article 3).
    """
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def period_from(start: date, months: int) -> tuple[date, date]:
    """Return the first and the last day of a period that begins on ``start``."""
    return start, months_later(start, months) - timedelta(days=1)


def months_before(end: date, months: int) -> date:
    """
    Return the day on which a period began that ends before ``end``.

    The earliest day from which ``months_later`` leads there, or, where a short month lies between,
    the last of its month.
    """
    years, month = divmod(end.month - 1 - months, 12)
    year, month = end.year + years, month + 1
    return date(year, month, min(end.day, calendar.monthrange(year, month)[1]))
