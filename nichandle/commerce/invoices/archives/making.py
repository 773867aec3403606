"""The round that makes archives, one at a time, in files that a server can send from memory."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db import transaction

from nichandle.commerce.invoices.models import Archive, ArchiveFile, Invoice, InvoiceContent
from nichandle.commerce.invoices.words import ASKED, READY
from nichandle.platform.jobs.registry import Stopping
from nichandle.platform.kernel.clock import Clock

NEXT_ASKED = "SELECT min(held_until) FROM invoices_archive WHERE state = 'asked'"
HELD = timedelta(minutes=2)
"""So long no other worker takes an archive up from one that has died of it."""
LARGEST = 8 * 2**20
"""
Bytes of documents in one file.

The server sends an answer from memory, a quarter of what it keeps for one neighbourhood.
"""
AT_ONCE = 20
"""So many documents are read in one go; between two of them progress is written."""


class LostError(Exception):
    """Another worker has taken the archive up, or it is asked for anew."""


def make_asked(clock: Clock, stopping: Stopping) -> int:
    """Make what is asked for, one archive after the other; returns how many."""
    done = 0
    while not stopping() and (archive := _taken(clock())) is not None:
        try:
            _make(archive, clock, stopping)
        except LostError:
            continue
        done += 1
    return done


@transaction.atomic
def _taken(now: datetime) -> Archive | None:
    asked = Archive.objects.filter(state=ASKED, held_until__lte=now)
    archive = asked.order_by("held_until").first()
    if archive is None or not _hold(archive, now, made=0):
        return None
    ArchiveFile.objects.filter(archive=archive).delete()
    return archive


def _make(archive: Archive, clock: Clock, stopping: Stopping) -> None:
    made = 0
    for place, (documents, content) in enumerate(_files(archive, clock, stopping), start=1):
        made += documents
        with transaction.atomic():
            _keep(archive, clock(), made=made)
            ArchiveFile.objects.create(
                archive=archive,
                place=place,
                content=content,
                size=len(content),
                documents=documents,
            )
    now = clock()
    mine = Archive.objects.filter(pk=archive.pk, state=ASKED, held_until=archive.held_until)
    if not mine.update(state=READY, ready_at=now, made=made):
        raise LostError


def _files(archive: Archive, clock: Clock, stopping: Stopping) -> Iterator[tuple[int, bytes]]:
    """Put the documents into files, and tell how far it is after each handful."""
    written, inside, size, made = BytesIO(), 0, 0, 0
    bundle = ZipFile(written, "w", ZIP_DEFLATED)
    for handful in _handfuls(archive):
        if stopping():
            _release(archive, clock())
            raise LostError
        for invoice in handful:
            for each in InvoiceContent.objects.filter(invoice=invoice).order_by("kind"):
                bundle.writestr(_entry(invoice, each.kind), bytes(each.content))
                size += each.size
            inside += 1
            if size >= LARGEST:
                bundle.close()
                yield inside, written.getvalue()
                made += inside
                written, inside, size = BytesIO(), 0, 0
                bundle = ZipFile(written, "w", ZIP_DEFLATED)
        _keep(archive, clock(), made=made + inside)
    bundle.close()
    if inside:
        yield inside, written.getvalue()


def _handfuls(archive: Archive) -> Iterator[list[Invoice]]:
    rows = Invoice.objects.filter(
        account_id=archive.account_id, year=archive.year, pk__lte=archive.newest_id
    ).order_by("pk")
    after = 0
    while found := list(rows.filter(pk__gt=after).only("number", "issued_on")[:AT_ONCE]):
        yield found
        after = found[-1].pk


def _entry(invoice: Invoice, kind: str) -> ZipInfo:
    day = invoice.issued_on
    entry = ZipInfo(f"{invoice.number}.{kind}", (day.year, day.month, day.day, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _keep(archive: Archive, now: datetime, *, made: int) -> None:
    """:raises LostError: when it is another's by now"""
    if not _hold(archive, now, made=made):
        raise LostError


def _hold(archive: Archive, now: datetime, *, made: int) -> bool:
    """Hold the archive for a while longer, as long as nobody else has taken it."""
    mine = Archive.objects.filter(pk=archive.pk, state=ASKED, held_until=archive.held_until)
    held_until = max(now + HELD, archive.held_until + timedelta(microseconds=1))
    if not mine.update(held_until=held_until, made=made):
        return False
    archive.held_until = held_until
    return True


def _release(archive: Archive, now: datetime) -> None:
    Archive.objects.filter(pk=archive.pk, held_until=archive.held_until).update(held_until=now)
