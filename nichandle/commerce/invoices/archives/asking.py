"""An archive of a year: what there is to ask for, how far it is, and asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction

from nichandle.commerce.invoices.errors import InvoiceNotFound
from nichandle.commerce.invoices.models import Archive, ArchiveFile, Invoice
from nichandle.commerce.invoices.words import ASKED, READY
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.limits.operations import spend

KEPT = timedelta(days=7)
"""So long the files of an archive are kept: they are made again at any time."""


@dataclass(frozen=True, slots=True)
class Year:
    """
    A year of one's documents, and its archive if there is one.

    ``more`` tells that documents were issued since the archive was made.
    """

    year: int
    archive: Archive | None
    files: Sequence[ArchiveFile]
    more: bool

    @property
    def state(self) -> Literal["none", "asked", "ready"]:
        if self.archive is None:
            return "none"
        return "asked" if self.archive.state == ASKED else "ready"

    @property
    def until(self) -> datetime | None:
        """When the files go."""
        ready = self.archive.ready_at if self.archive else None
        return ready + KEPT if ready else None


def years(account_id: UUID, *, now: datetime) -> list[Year]:
    """Return the years from one's first document to the newest, newest first."""
    own = Invoice.objects.filter(account_id=account_id)
    first = own.order_by("pk").values_list("year", flat=True).first()
    last = own.order_by("-pk").values_list("year", flat=True).first()
    if first is None or last is None:
        return []
    archives = {row.year: row for row in Archive.objects.filter(account_id=account_id)}
    files = list(
        ArchiveFile.objects.filter(archive__account_id=account_id)
        .select_related("archive")
        .defer("content")
    )
    return [
        _year(account_id, year, archives.get(year), files, now)
        for year in range(last, first - 1, -1)
    ]


def file(account_id: UUID, year: int, place: int, *, now: datetime) -> ArchiveFile | None:
    """Return one ZIP file of one's own archive; None when there is none, or no longer."""
    rows = ArchiveFile.objects.select_related("archive")
    return rows.filter(
        archive__account_id=account_id,
        archive__year=year,
        archive__state=READY,
        archive__ready_at__gt=now - KEPT,
        place=place,
    ).first()


@transaction.atomic
def ask(account_id: UUID, year: int, *, act: Act) -> None:
    """
    Have the worker make the archive of a year; asked twice, it is made once.

    :raises InvoiceNotFound: when one has no document of that year
    :raises Exhausted: when one has had too many made
    """
    own = Invoice.objects.filter(account_id=account_id, year=year)
    newest = own.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        raise InvoiceNotFound
    found = locked(Archive.objects.filter(account_id=account_id, year=year)).first()
    if found is not None and (found.state == ASKED or not _over(found, newest, act.now)):
        return
    spend("invoice.archive", key=str(account_id), now=act.now)
    if found is not None:
        found.delete()
    asked = Archive(
        account_id=account_id,
        year=year,
        newest_id=newest,
        total=own.count(),
        asked_at=act.now,
        held_until=act.now,
    )
    # Two tabs may ask at once for the first time.
    Archive.objects.bulk_create([asked], ignore_conflicts=True)


def clear_old(*, now: datetime) -> None:
    """Delete the archives whose time is over."""
    Archive.objects.filter(state=READY, ready_at__lte=now - KEPT).delete()


def _year(
    account_id: UUID, year: int, archive: Archive | None, files: list[ArchiveFile], now: datetime
) -> Year:
    if archive is None or (archive.ready_at and archive.ready_at <= now - KEPT):
        return Year(year, None, [], more=False)
    mine = sorted((row for row in files if row.archive_id == archive.pk), key=lambda row: row.place)
    newer = Invoice.objects.filter(account_id=account_id, year=year, pk__gt=archive.newest_id)
    return Year(year, archive, mine, more=newer.exists())


def _over(archive: Archive, newest: int, now: datetime) -> bool:
    ready = archive.ready_at
    return newest != archive.newest_id or ready is None or ready <= now - KEPT
