"""Time zones as people chose them, read on the machine that serves now, and the operator's day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone


def zone(name: str) -> ZoneInfo:
    """
    Return a time zone; the operator's where this machine does not know the name.

    Names go: Debian 13 has moved old ones, such as Asia/Calcutta, to a package of their own, and a
    name stored before must not keep anybody out.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.NICHANDLE_TIME_ZONE)


def operators_day(at: datetime | None = None) -> date:
    """Return the day it is where the operator sells, now or at a time; never a customer's own."""
    return timezone.localdate(at, ZoneInfo(settings.NICHANDLE_TIME_ZONE))
