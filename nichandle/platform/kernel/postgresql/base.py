"""The engine of the settings: Django's own, which looks at a connection before it asks."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import cache
from select import POLLIN, poll, select
from threading import Event
from typing import Any

from django.db import NotSupportedError, OperationalError, ProgrammingError
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import mogrify
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus

from nichandle.platform.kernel.postgresql import prepared
from nichandle.platform.kernel.postgresql.waking import CHANNEL

log = logging.getLogger("nichandle.database")

OWN_NUMBER = "SELECT pg_backend_pid()"
ASKING_SECONDS = 0.4
"""So often somebody asks who cannot listen: a mail shall leave within half a second."""
LISTENING_SECONDS = 0.25
"""So soon somebody who listens notices that they are wanted elsewhere."""


class DatabaseWrapper(base.DatabaseWrapper):
    """
    Django's connection to PostgreSQL.

    A server that has gone away has said so: its farewell waits on the socket. While nothing waits
    there the connection is as good as one that answers, and no request pays a message to find out.
    """

    def chunked_cursor(self) -> Any:
        # One that stays on the server outlives its transaction, and behind a pooler the next
        # transaction may have another connection.
        return super().chunked_cursor() if self.in_atomic_block else self.cursor()

    def is_usable(self) -> bool:
        if self.connection is None:
            return False
        wire = self.connection.pgconn
        if wire.status != ConnStatus.OK:
            return False
        waiting = poll()
        waiting.register(wire.socket, POLLIN)
        if not waiting.poll(0):
            return True
        return bool(super().is_usable())

    listens: bool | None = None
    """Whether this connection hears of commits; None as long as it has not tried."""
    notified = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.listens, self.notified = None, False
        return super().get_new_connection(conn_params)

    def hear(self, seconds: float, nudged: Event) -> None:
        """Return when work was added since the last time, or ``nudged`` is set, or time is over."""
        if self.connection is None or self.listens is None:
            self.listens = self._listen()
        if not self.listens:
            nudged.wait(min(seconds, ASKING_SECONDS))
            return
        end = time.monotonic() + seconds
        while not self.notified and not nudged.is_set():
            left = end - time.monotonic()
            if left <= 0:
                break
            self._receive(min(left, LISTENING_SECONDS))
        self.notified = False

    def _listen(self) -> bool:
        self.ensure_connection()
        wire = self.connection
        with self.cursor() as cursor:
            cursor.execute(OWN_NUMBER)
            # A pooler says a number of its own: who listens by it hears of nothing.
            if cursor.fetchone()[0] != wire.pgconn.backend_pid:
                _say_once()
                return False
            wire.add_notify_handler(self._note)
            cursor.execute(f"LISTEN {CHANNEL}")
        return True

    def _note(self, _notice: Any) -> None:
        # May come with the answer to any statement.
        self.notified = True

    def _receive(self, seconds: float) -> None:
        wire = self.connection.pgconn
        if not select([wire.socket], [], [], seconds)[0]:
            return
        with self.wrap_database_errors:
            wire.consume_input()
        while wire.notifies() is not None:
            self.notified = True

    def send(self, cursor: Any, statements: Sequence[prepared.Statement]) -> None:
        """Execute statements by one message; the results come in their order."""
        if self.in_atomic_block:
            message = prepared.plain(statements)
            cursor.execute(message.text, message.parameters)
            return
        wire = self.connection
        message = prepared.script(wire, statements)
        try:
            cursor.execute(message.text, message.parameters)
        except (ProgrammingError, NotSupportedError) as error:
            # Nothing of the message was done.
            if not prepared.give_up(message, error):
                raise
            message = prepared.plain(statements)
            cursor.execute(message.text, message.parameters)
        prepared.keep(wire, message)

    def execute_beside(
        self, sql: str, parameters: Sequence[Any], meanwhile: Callable[[], None]
    ) -> int:
        """Send a statement, do something else, then wait: libpq has a way to say this."""
        with self.wrap_database_errors:
            return _execute_beside(
                self.connection.pgconn, mogrify(sql, parameters, self.connection), meanwhile
            )


@cache
def _say_once() -> None:
    log.warning(
        "a pooler stands before the database, so that no worker hears of new work: it asks every "
        "%s seconds",
        ASKING_SECONDS,
    )


def _execute_beside(wire: Any, statement: str, meanwhile: Callable[[], None]) -> int:
    wire.send_query(statement.encode())
    wire.flush()
    try:
        meanwhile()
    finally:
        results = []
        # Waiting in get_result() itself would hold up every other thread.
        while wire.is_busy():
            select([wire.socket], [], [])
            wire.consume_input()
        while (result := wire.get_result()) is not None:
            results.append(result)
    if not results or wire.status != ConnStatus.OK:
        raise OperationalError("the connection to the database was lost")
    if results[-1].status != ExecStatus.COMMAND_OK:
        raise error_from_result(results[-1])
    return int(results[-1].command_tuples or 0)
