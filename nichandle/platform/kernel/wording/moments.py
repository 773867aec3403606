"""Moments as a reader's clock shows them."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format


def written(moment: datetime, style: str = "DATETIME_FORMAT") -> str:
    """
    Write a moment in the reader's time zone and language, by one of Django's styles.

    In the hour that a clock shows twice, when summer time ends, with how far it is from UTC then:
    else nobody could tell which of the two is meant.
    """
    local = timezone.localtime(moment)
    text = str(date_format(local, style))
    if "TIME" in style and _shown_twice(local):
        # No-break: the mark belongs to the time.
        return f"{text}\N{NO-BREAK SPACE}({distance(local)})"
    return text


def zoned(moment: datetime) -> str:
    """Write a deadline, or a fact told by mail: with how far the clock meant is from UTC."""
    local = timezone.localtime(moment)
    text = str(date_format(local, "DATETIME_FORMAT"))
    return f"{text}\N{NO-BREAK SPACE}({distance(local)})"


def distance(local: datetime) -> str:
    """Write how far a clock is from UTC: UTC, UTC+1, UTC−3:30."""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"


def _shown_twice(local: datetime) -> bool:
    # The two have another offset each; so has the hour that spring leaves out, but no moment is it.
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
