"""The operator's file: looked at when the product starts and every minute, taken over when good."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from nichandle.commerce.catalogue import operations
from nichandle.commerce.catalogue.models import Edition
from nichandle.commerce.catalogue.reading.faults import CatalogueFault, CatalogueWrong
from nichandle.commerce.catalogue.reading.nodes import LONGEST

log = logging.getLogger("nichandle.catalogue")

DEMO: Final = Path(__file__).with_name("data") / "demo.yaml"
Stamp = tuple[int, int, int]
_looked_at: dict[Path, Stamp] = {}
"""
What this process has judged already.

Where two machines have different files, each is taken over when it changes, and not again and
again.
"""


def file() -> Path | None:
    """Return the operator's file; the demonstration brings its own, and otherwise there is none."""
    if given := settings.NICHANDLE_CATALOGUE_FILE:
        return Path(given)
    return DEMO if settings.DEMO else None


def follow(*, now: datetime) -> CatalogueWrong | None:
    """
    Take the operator's file over if it has changed since this process looked at it.

    Returns its faults when it has any, and logs them: what is sold stays as it is.
    """
    path = file()
    if path is None:
        return None
    stamp = _stamp(path)
    if stamp == _looked_at.get(path) and Edition.objects.exists():
        return None
    try:
        operations.adopt(content(path), now=now, name=str(path))
    except CatalogueWrong as wrong:
        log.error("%s", wrong)
        return wrong
    finally:
        _looked_at[path] = stamp
    return None


def trouble() -> CatalogueWrong | None:
    """Return what keeps the operator's file from being taken over."""
    path = file()
    if path is None:
        return None
    try:
        operations.judge(content(path), name=str(path))
    except CatalogueWrong as wrong:
        return wrong
    return None


def content(path: Path) -> bytes:
    """
    Return what a file holds, and no more than one byte too many.

    :raises CatalogueWrong: when it cannot be read
    """
    try:
        # Of a pipe one would wait for ever.
        if path.exists() and not path.is_file():
            raise OSError("it is no file")
        with path.open("rb") as opened:
            return opened.read(LONGEST + 1)
    except OSError as error:
        why = error.strerror or str(error)
        what = f"the file cannot be read ({why})"
        cure = "Correct NICHANDLE_CATALOGUE_FILE, or put the file there"
        raise CatalogueWrong([CatalogueFault(1, "", what, cure)], name=str(path)) from error


def _stamp(path: Path) -> Stamp:
    try:
        state = path.stat()
    except OSError:
        return (0, 0, 0)
    return (state.st_ino, state.st_size, state.st_mtime_ns)
