"""
Hand-written statements that PostgreSQL plans once for each connection, not each time.

A message of several statements carries no parameters beside it, so psycopg prepares none of them,
and parsing and planning take half of the server's time for a sign-in. So each is sent as it is the
first time, with a PREPARE behind it, and as an EXECUTE from then on.

Only outside transactions: there a message is a transaction of its own, and one that fails has done
nothing. If EXECUTE fails because the connection behind a pooler is another now, the message is
sent again in plain, and the process prepares nothing any more.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from psycopg import Connection

MOST = 100
"""Statements that a process prepares; what differs each time is not worth one."""

Statement = tuple[str, Sequence[Any]]
_names: dict[str, str] = {}
_prepared: WeakKeyDictionary[Connection[Any], set[str]] = WeakKeyDictionary()
_off = False


class Script(NamedTuple):
    """A message: its text, its parameters, and the statements it prepares for the next time."""

    text: str
    parameters: list[Any]
    prepares: list[str]


def plain(statements: Iterable[Statement]) -> Script:
    """Return statements as one text with one list of parameters: psycopg binds them itself."""
    texts, values = [], list[Any]()
    for sql, parameters in statements:
        texts.append(_bare(sql))
        values += parameters
    return Script(";\n".join(texts), values, [])


def script(connection: Connection[Any], statements: Iterable[Statement]) -> Script:
    """Return the same message by names where the connection knows them."""
    if _off:
        return plain(statements)
    known = _prepared.setdefault(connection, set())
    texts, values, made = [], list[Any](), dict[str, str]()
    for sql, parameters in statements:
        values += parameters
        if sql in known:
            marks = ", ".join(["%s"] * len(parameters))
            texts.append(f"EXECUTE {_names[sql]}({marks})" if marks else f"EXECUTE {_names[sql]}")
            continue
        texts.append(_bare(sql))
        if name := _name(sql):
            made[sql] = f"PREPARE {name} AS {_numbered(sql)}"
    return Script(";\n".join([*texts, *made.values()]), values, list(made))


def keep(connection: Connection[Any], done: Script) -> None:
    """Note what a message that went well has prepared."""
    if done.prepares:
        _prepared[connection].update(done.prepares)


def give_up() -> bool:
    """Prepare nothing any more; tells whether that changes anything for the message that failed."""
    global _off
    before, _off = _off, True
    return not before


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
