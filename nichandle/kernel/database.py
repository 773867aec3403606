"""All that differs between SQLite and PostgreSQL, in one place."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

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
