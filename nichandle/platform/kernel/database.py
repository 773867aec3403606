"""
All that differs between SQLite and PostgreSQL, in one place.

What needs PostgreSQL's own library is done by the engine in ``postgresql``, so that a product on
SQLite never reads it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from threading import Event
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from django.db import (
    DEFAULT_DB_ALIAS,
    DataError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.models import Model, QuerySet

_REQUIRED = "SELECT 1 / count(*) FROM ({guard}) AS found"
Row = TypeVar("Row", bound=Model)
Record = TypeVar("Record")
Statement = tuple[str, Sequence[Any]]
SHORT_WAIT_MS = 50


@cache
def is_postgresql() -> bool:
    """Tell whether the product runs on PostgreSQL (else on SQLite)."""
    return connection.vendor == "postgresql"


def locked(rows: QuerySet[Row]) -> QuerySet[Row]:
    """
    Lock the rows until the transaction ends, FOR NO KEY UPDATE.

    On SQLite nothing is needed: its transactions here begin IMMEDIATE, so there is one writer.
    """
    if not is_postgresql():
        return rows
    return rows.select_for_update(of=("self",), no_key=True)


def claimable(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Lock the rows that nobody else holds and pass over the others."""
    if not is_postgresql():
        return rows
    return rows.select_for_update(of=("self",), no_key=True, skip_locked=True)


class Trouble(Enum):
    """What keeps the database from doing what it would do at another moment."""

    BUSY = "busy"
    FULL = "full"


# Of SQLite the first byte of its result codes, of PostgreSQL its SQLSTATE (appendix A).
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
_BUSY_STATES = ("08", "40", "55P03", "57P", "53300")
_FULL_STATES = ("53100", "25006", "58")
_DIVISION_BY_ZERO = "22012"


def trouble(error: BaseException | None) -> Trouble | None:
    """Tell whether an error says "not now"; None when it says something else."""
    if not isinstance(error, OperationalError | InternalError | InterfaceError):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return Trouble.BUSY if code in _BUSY else Trouble.FULL if code in _FULL else None
    state = getattr(cause, "sqlstate", None)
    if state is not None and state.startswith(_FULL_STATES):
        return Trouble.FULL
    # Without a state nobody answered, or the connection broke.
    return Trouble.BUSY if state is None or state.startswith(_BUSY_STATES) else None


def wait_for_writer(seconds: float) -> None:
    """Say how long this process waits for SQLite's one writer, in connections made from now on."""
    if not is_postgresql():
        connection.settings_dict["OPTIONS"]["timeout"] = seconds


@contextmanager
def unless_busy() -> Iterator[None]:
    """
    Write what is worth no wait: where SQLite's one writer is at work, it is not written.

    For what a page notes while it is read, such as the last use of a session.
    """
    if is_postgresql() or connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    usual = int(connection.settings_dict["OPTIONS"]["timeout"] * 1000)
    connection.connection.execute(f"PRAGMA busy_timeout = {SHORT_WAIT_MS}")
    try:
        yield
    except OperationalError as error:
        if trouble(error) is None:
            raise
    finally:
        connection.connection.execute(f"PRAGMA busy_timeout = {usual}")


def hear(seconds: float, nudged: Event) -> None:
    """
    Sleep until others may have added work since the last time, or the time is over.

    Or until ``nudged`` is set, as soon as it is noticed. On PostgreSQL only tables are heard of
    that ``postgresql.waking`` has made to tell.
    """
    connections[DEFAULT_DB_ALIAS].hear(seconds, nudged)  # type: ignore[attr-defined]  # ours


def row_lock() -> str:
    """Return what ends a hand-written SELECT that locks its rows, as ``locked`` does."""
    return " FOR NO KEY UPDATE" if is_postgresql() else ""


def stored_uuid(value: UUID) -> UUID | str:
    """Return a UUID as hand-written SQL must pass it: SQLite keeps 32 hexadecimal digits."""
    return value if is_postgresql() else value.hex


def stored_time(moment: datetime) -> Any:
    """Return a moment as hand-written SQL must pass it."""
    return moment if is_postgresql() else connection.ops.adapt_datetimefield_value(moment)


def read_uuid(stored: UUID | str) -> UUID:
    """Return a UUID as a hand-written statement has read it."""
    return stored if isinstance(stored, UUID) else UUID(hex=stored)


def read_time(stored: datetime | str) -> datetime:
    """Return a moment as a hand-written statement has read it: SQLite keeps text, in UTC."""
    if isinstance(stored, datetime):
        return stored if stored.tzinfo else stored.replace(tzinfo=UTC)
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


_READERS: dict[Any, Callable[[Any], Any]] = {
    UUID: read_uuid,
    datetime: read_time,
    bool: bool,
    int: lambda stored: stored,
    str: lambda stored: stored,
}


@cache
def _readers(kind: Callable[..., Any]) -> dict[str, Callable[[Any], Any]]:
    return {name: _READERS[said] for name, said in get_type_hints(kind).items()}


class Rows(list[tuple[Any, ...]]):
    """The rows that a hand-written statement has found, and what their columns are called."""

    def __init__(self, cursor: Any) -> None:
        super().__init__(cursor.fetchall())
        self.names = [column[0] for column in cursor.description]

    def read_as(self, kind: Callable[..., Record]) -> list[Record]:
        """
        Return each row as a record of this class, its columns by their names.

        A value is read as its field says: UUID, datetime, bool, int or str.

        :raises TypeError: when columns and fields are not called the same
        """
        readers = _readers(kind)
        if unknown := set(self.names) - set(readers):
            raise TypeError(f"{kind} has no fields {sorted(unknown)}")
        read = [(name, readers[name]) for name in self.names]
        return [
            kind(**{name: reader(value) for (name, reader), value in zip(read, row, strict=True)})
            for row in self
        ]

    def first_as(self, kind: Callable[..., Record]) -> Record | None:
        """Return the first row as ``read_as`` does, None when there is none."""
        return next(iter(self.read_as(kind)), None)


def fetch_one(sql: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """
    Run a hand-written statement and return its first row, None when there is none.

    For the few statements that every sign-in pays for: building them anew costs more than running
    them.
    """
    with connection.cursor() as cursor:
        _send(cursor, [(sql, parameters)])
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def fetch_all(sql: str, parameters: Sequence[Any]) -> Rows:
    """Run a hand-written statement, as ``fetch_one`` does, and return all its rows."""
    with connection.cursor() as cursor:
        _send(cursor, [(sql, parameters)])
        return Rows(cursor)


def fetch_together(*statements: Statement) -> list[Rows]:
    """Run hand-written statements and return the rows of each; one round trip on PostgreSQL."""
    found: list[Rows] = []
    with connection.cursor() as cursor:
        if not is_postgresql():
            for sql, parameters in statements:
                cursor.execute(sql, parameters)
                found.append(Rows(cursor))
            return found
        _send(cursor, statements)
        for _statement in statements:
            found.append(Rows(cursor))
            cursor.nextset()
    return found


def execute(
    sql: str, parameters: Sequence[Any], *, meanwhile: Callable[[], None] | None = None
) -> int:
    """
    Run one hand-written statement and return how many rows it changed.

    ``meanwhile`` is work the caller has to do anyhow: where the database works in a process of its
    own it is called while the statement is under way, elsewhere not at all.
    """
    with connection.cursor() as cursor:
        if meanwhile is None or not is_postgresql() or connection.in_atomic_block:
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)
        return int(cursor.db.execute_beside(sql, parameters, meanwhile))


def run_together(statements: Iterable[Statement]) -> None:
    """
    Execute statements whose results nobody reads; one round trip on PostgreSQL.

    Parameters are bound on the client, so that one message may carry several statements.
    """
    wanted = list(statements)
    if not wanted:
        return
    with connection.cursor() as cursor:
        _send(cursor, wanted)


def run_if(guards: Sequence[Statement], statements: Sequence[Statement]) -> bool:
    """
    Execute statements, all or none, if every guard returns a row; tells whether it was done.

    On PostgreSQL all of it is one message, and one message is one transaction: it needs no BEGIN
    and no COMMIT. A guard may lock what it finds; those behind it see what was committed before.
    """
    if not is_postgresql():
        with transaction.atomic():
            if any(fetch_one(*guard) is None for guard in guards):
                return False
            run_together(statements)
        return True
    # Nothing stops a message half-way but an error: a guard without a row divides by zero.
    checks = [(_REQUIRED.format(guard=sql), given) for sql, given in guards]
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            run_together([*checks, *statements])
    except DataError as error:
        if getattr(error.__cause__, "sqlstate", None) == _DIVISION_BY_ZERO:
            return False
        raise
    return True


def _send(cursor: Any, statements: Sequence[Statement]) -> None:
    """Execute statements; on PostgreSQL by one message, whose results come in their order."""
    if is_postgresql():
        cursor.db.send(cursor, statements)
        return
    for sql, parameters in statements:
        cursor.execute(sql, parameters)
