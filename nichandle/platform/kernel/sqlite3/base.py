"""The engine of the settings: Django's own, which makes no file and notices that its is gone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base

LISTENING_SECONDS = 0.25
"""So often a file is looked at that tells of nothing: a mail shall leave within half a second."""
_may_make: ContextVar[bool] = ContextVar("may_make", default=False)


@contextmanager
def making() -> Iterator[None]:
    """Inside the block a database that is not there is made: for what sets one up."""
    token = _may_make.set(True)
    try:
        yield
    finally:
        _may_make.reset(token)


def may_make() -> bool:
    """Tell whether a database that is not there would be made now."""
    return _may_make.get()


class FileConnection(base.DatabaseWrapper):
    """
    Django's connection to SQLite.

    SQLite makes the file that it does not find: a disk that is not mounted would become an empty
    product. And it goes on writing into a file that was removed or replaced, where nobody will ever
    find it.
    """

    opened: tuple[int, int] | None = None
    heard: int | None = None
    """SQLite's number of the last commit of another connection that ``hear`` has told."""

    def get_connection_params(self) -> dict[str, Any]:
        given = super().get_connection_params()
        if not may_make():
            given["database"] = f"file:{quote(str(given['database']))}?mode=rw"
        return given

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        self.opened, self.heard = self._there(), None
        return made

    def is_usable(self) -> bool:
        """Asked after an error: one that was opened while nothing could be written never can."""
        return False

    def close_if_unusable_or_obsolete(self) -> None:
        elsewhere = self.connection is not None and self.opened != self._there()
        if elsewhere and not self.in_atomic_block:
            self.close()
            return
        super().close_if_unusable_or_obsolete()

    def hear(self, seconds: float, nudged: Event) -> None:
        """
        Return when another connection has committed since the last time, or the time is over.

        Or when ``nudged`` is set.
        """
        end = time.monotonic() + seconds
        while self._version() == self.heard:
            left = end - time.monotonic()
            if left <= 0 or nudged.wait(min(left, LISTENING_SECONDS)):
                return
        self.heard = self._version()

    def _version(self) -> int:
        self.ensure_connection()
        with self.wrap_database_errors:
            # Read from shared memory: no lock, no file.
            return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    def _there(self) -> tuple[int, int] | None:
        try:
            state = Path(self.settings_dict["NAME"]).stat()
        except OSError:
            return None
        return state.st_dev, state.st_ino


DatabaseWrapper = FileConnection
"""The name by which Django looks for it."""
