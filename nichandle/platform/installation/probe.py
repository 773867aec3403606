"""Whether something can be written at this moment: answering questions proves too little."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection, transaction

from nichandle.platform.installation import operations
from nichandle.platform.installation.models import Installation
from nichandle.platform.kernel.database import is_postgresql

EVERY_SECONDS = 3.0
WAIT_MS = 300
"""A probe never waits longer for somebody else who writes."""
BUSY_SECONDS = 30.0
"""A database that is locked for so long is not ready; for less it has much to do."""
BUSY, SILENT = "busy", "silent"
_SQLITE = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "gone",
    sqlite3.SQLITE_IOERR: "disk error",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
}
# SQLSTATE: PostgreSQL's appendix A.
_POSTGRESQL = {"53100": "full", "25006": "read-only", "58030": "disk error", "55P03": BUSY}


class Probe:
    """
    Tries a write, at most every few seconds for each process; others are told what it found.

    Whoever asks while one is trying is not kept waiting.
    """

    def __init__(self) -> None:
        self.trying = threading.Lock()
        self.tried_at = float("-inf")
        self.busy_since: float | None = None
        self.found: str | None = None

    def obstacle(self, now: datetime) -> str | None:
        """Return in a word why nothing can be written, None when it can."""
        if self.trying.acquire(blocking=False):
            try:
                if time.monotonic() - self.tried_at >= EVERY_SECONDS:
                    self._look(now)
            finally:
                self.trying.release()
        return self.found

    def _look(self, now: datetime) -> None:
        why = _try_to_write(now)
        self.tried_at = time.monotonic()
        if why != BUSY:
            self.busy_since = None
        else:
            # Counted from the first busy try: the last good one may be long ago, or none.
            if self.busy_since is None:
                self.busy_since = self.tried_at
            if self.tried_at - self.busy_since < BUSY_SECONDS:
                return
        self.found = why


def _try_to_write(now: datetime) -> str | None:
    try:
        with _short_wait(), transaction.atomic():
            if not Installation.objects.filter(pk=1).update(written_at=now):
                operations.remember(now=now)
    except (DatabaseError, InterfaceError, sqlite3.Error) as error:
        if not connection.in_atomic_block:
            # The next try begins with a connection of its own, whatever became of this one.
            connection.close()
        return _word(error)
    return None


@contextmanager
def _short_wait() -> Iterator[None]:
    connection.ensure_connection()
    if is_postgresql():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MS}")
            yield
        return
    wire = connection.connection
    [(usual,)] = wire.execute("PRAGMA busy_timeout").fetchall()
    wire.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    try:
        yield
    finally:
        wire.execute(f"PRAGMA busy_timeout = {usual}")


def _word(error: Exception) -> str:
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, SILENT)
    return _POSTGRESQL.get(getattr(cause, "sqlstate", None) or "", SILENT)
