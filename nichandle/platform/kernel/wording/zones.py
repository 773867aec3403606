"""Time zones as people chose them, read on the machine that serves now."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings


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
