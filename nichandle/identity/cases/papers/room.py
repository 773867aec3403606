"""Whether there is room for one more paper: a disk that is full stops everything."""

import shutil
from pathlib import Path

from django.db import connection
from django.db.models import Sum

from nichandle.identity.cases.errors import NoRoomForPapers
from nichandle.identity.cases.models import Paper

LEFT_FREE = 1024**3
"""Bytes that papers leave free on the disk of SQLite's file, where everything is written."""
MOST_HELD = 20 * 1024**3
"""Bytes of papers of all cases together; the disk of PostgreSQL is not ours to ask."""


def require(size: int) -> None:
    """
    Look whether a paper of this size may be taken.

    :raises NoRoomForPapers: below the mark of the disk, or beyond what is held at most
    """
    held = Paper.objects.filter(body__isnull=False).aggregate(held=Sum("size"))["held"] or 0
    if held + size > MOST_HELD or _free() - size < LEFT_FREE:
        raise NoRoomForPapers


def _free() -> float:
    """Return the bytes free where SQLite's file lies; any number where there is no such file."""
    place = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor != "sqlite" or not place.is_file():
        return float("inf")
    return shutil.disk_usage(place.parent).free
