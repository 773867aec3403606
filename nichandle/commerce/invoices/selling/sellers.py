"""Who sells: the seller file of the operator, or that of the demo."""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from nichandle.commerce.invoices.errors import SellerMissing
from nichandle.commerce.invoices.facts import Seller
from nichandle.commerce.invoices.selling.reading import SellerFault, SellerWrong, Selling, read

DEMO = Path(__file__).parent / "data" / "demo.toml"


def current() -> Seller:
    """
    Return the seller as the file says; it is read once in the life of a process.

    :raises SellerMissing: while there is no file, or it is faulty (``nichandle check`` says how)
    """
    return _current().seller


def zone() -> ZoneInfo:
    """
    Return the time zone whose days documents are dated by.

    :raises SellerMissing: as ``current``
    """
    return _current().zone


def day(at: datetime) -> date:
    """
    Return the day that a time is on where documents are dated.

    :raises SellerMissing: as ``current``
    """
    return at.astimezone(zone()).date()


def faults() -> list[SellerFault]:
    """Return all that is wrong with the seller file; nothing when none is named."""
    path = _path()
    if path is None:
        return []
    try:
        _load(path)
    except SellerWrong as wrong:
        return wrong.faults
    except OSError as error:
        return [SellerFault(0, "", f"{path} cannot be read: {error.strerror}.")]
    return []


def _current() -> Selling:
    path = _path()
    if path is None:
        raise SellerMissing
    try:
        return _load(path)
    except (SellerWrong, OSError) as wrong:
        raise SellerMissing from wrong


def _path() -> Path | None:
    if settings.NICHANDLE_SELLER_FILE:
        return Path(settings.NICHANDLE_SELLER_FILE)
    return DEMO if settings.DEMO else None


@cache
def _load(path: Path) -> Selling:
    return read(path.read_text(encoding="utf-8"), demo=path == DEMO)
