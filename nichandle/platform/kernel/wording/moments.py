"""Moments as a reader's clock shows them."""

from datetime import datetime

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
        return f"{text}\N{NO-BREAK SPACE}(UTC{local.isoformat()[-6:]})"
    return text


def _shown_twice(local: datetime) -> bool:
    # The two have another offset each; so has the hour that spring leaves out, but no moment is it.
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
