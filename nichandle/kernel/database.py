"""All that differs between SQLite and PostgreSQL, in one place."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
Statement = tuple[str, Sequence[Any]]


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


def row_lock() -> str:
    """Return what ends a hand-written SELECT that locks its rows, as ``locked`` does."""
    return " FOR NO KEY UPDATE" if is_postgresql() else ""


def stored_uuid(value: UUID) -> UUID | str:
    """Return a UUID as hand-written SQL must pass it: SQLite keeps 32 hexadecimal digits."""
    return value if connection.features.has_native_uuid_field else value.hex


def stored_time(moment: datetime) -> Any:
    """Return a moment as hand-written SQL must pass it."""
    return connection.ops.adapt_datetimefield_value(moment)


def fetch_one(sql: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """
    Run a hand-written statement and return its first row, None when there is none.

    For the few statements that every sign-in pays for: building them anew costs more than running
    them.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def execute(sql: str, parameters: Sequence[Any]) -> int:
    """Run one hand-written statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def run_together(statements: Iterable[Statement]) -> None:
    """
    Execute statements whose results nobody reads; one round trip on PostgreSQL.

    Parameters are bound on the client, so that one message may carry several statements.
    """
    wanted = [(sql.strip().rstrip(";"), params) for sql, params in statements]
    if not wanted:
        return
    with connection.cursor() as cursor:
        if is_postgresql():
            script = ";\n".join(sql for sql, _ in wanted)
            cursor.execute(script, [value for _, params in wanted for value in params])
            return
        for sql, params in wanted:
            cursor.execute(sql, params)
