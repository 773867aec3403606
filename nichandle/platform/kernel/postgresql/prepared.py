"""
Hand-written statements that PostgreSQL plans once for each connection, not each time.

A message of several statements carries no parameters beside it, so psycopg prepares none of them,
and parsing and planning take half of the server's time for a sign-in. So each is sent as it is the
first time, with a PREPARE behind it, and as an EXECUTE from then on.

Only outside transactions: there a message is a transaction of its own, and one that fails has done
nothing. If EXECUTE fails because the connection behind a pooler is another now, the message is
sent again in plain, and the process prepares nothing any more. Several of its threads may fail so
at once: each sends again what it had sent by a name, whoever of them was the first.
"""

import hashlib
from collections.abc import Iterable, Sequence
from threading import Event
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg.errors import (
    DuplicatePreparedStatement,
    FeatureNotSupported,
    InvalidSqlStatementName,
)

MOST = 100
"""Statements that a process prepares; what differs each time is not worth one."""

Statement = tuple[str, Sequence[Any]]
_names: dict[str, str] = {}
_prepared: WeakKeyDictionary[Connection[Any], set[str]] = WeakKeyDictionary()
_off = Event()
_STRANGE_NAME = (
    # The connection does not know the name, or knows it already.
    InvalidSqlStatementName,
    DuplicatePreparedStatement,
    # "cached plan must not change result type": a migration has changed a table since.
    FeatureNotSupported,
)


class Script(NamedTuple):
    """
    A message: its text, its parameters, and the statements it prepares for the next time.

    ``named`` says that it rests on what the connection knows: it executes by name, or prepares.
    """

    text: str
    parameters: list[Any]
    prepares: list[str]
    named: bool


def plain(statements: Iterable[Statement]) -> Script:
    """Return statements as one text with one list of parameters: psycopg binds them itself."""
    texts, values = [], list[Any]()
    for sql, parameters in statements:
        texts.append(_bare(sql))
        values += parameters
    return Script(";\n".join(texts), values, [], named=False)


def script(connection: Connection[Any], statements: Iterable[Statement]) -> Script:
    """Return the same message by names where the connection knows them."""
    if _off.is_set():
        return plain(statements)
    known = _prepared.setdefault(connection, set())
    texts, values, made, named = [], list[Any](), dict[str, str](), False
    for sql, parameters in statements:
        values += parameters
        if sql in known:
            named = True
            marks = ", ".join(["%s"] * len(parameters))
            texts.append(f"EXECUTE {_names[sql]}({marks})" if marks else f"EXECUTE {_names[sql]}")
            continue
        texts.append(_bare(sql))
        if name := _name(sql):
            made[sql] = f"PREPARE {name} AS {_numbered(sql)}"
    return Script(";\n".join([*texts, *made.values()]), values, list(made), named or bool(made))


def keep(connection: Connection[Any], done: Script) -> None:
    """Note what a message that went well has prepared."""
    if done.prepares:
        _prepared[connection].update(done.prepares)


def give_up(failed: Script, error: Exception) -> bool:
    """
    Tell whether a message failed only by its names; the process prepares nothing any more then.

    What decides is what this message carried, not who gave up first: another thread may have.
    """
    if not failed.named or not isinstance(error.__cause__, _STRANGE_NAME):
        return False
    _off.set()
    return True


def _name(sql: str) -> str | None:
    if sql not in _names:
        if len(_names) >= MOST:
            return None
        # The same in every process: behind a pooler the name may be known already.
        _names[sql] = f"nichandle_{hashlib.sha256(sql.encode()).hexdigest()[:16]}"
    return _names[sql]


def _bare(sql: str) -> str:
    return sql.strip().rstrip(";")


def _numbered(sql: str) -> str:
    """Write PostgreSQL's own marks for parameters."""
    first, *others = _bare(sql).split("%s")
    return first + "".join(f"${number}{text}" for number, text in enumerate(others, 1))
