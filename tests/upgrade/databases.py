"""Databases of both engines as text: written, restored, counted."""

import gzip
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg

Rows = dict[str, list[tuple[Any, ...]]]
# psql's own commands, which newer versions of pg_dump write around the rest.
_FOR_PSQL = re.compile(r"^\\.*\n", re.MULTILINE)


def write(sql: str, file: Path) -> None:
    """Keep a dump; the same text gives the same file."""
    file.write_bytes(gzip.compress(_FOR_PSQL.sub("", sql).encode(), mtime=0))


def restore(file: Path, url: str) -> None:
    """Read a dump into an empty database."""
    sql = gzip.decompress(file.read_bytes()).decode()
    if sqlite := _path(url):
        with closing(sqlite3.connect(sqlite)) as base:
            base.executescript(sql)
    else:
        with psycopg.connect(url, autocommit=True) as base:
            base.execute(sql)


def dump_sqlite(url: str) -> str:
    with closing(sqlite3.connect(_path(url))) as base:
        return "\n".join(base.iterdump()) + "\n"


def contents(url: str) -> Rows:
    """Return every table with its rows, in an order that depends on nothing but them."""
    return {
        table: sorted(ask(url, f'SELECT * FROM "{table}"'), key=repr)  # noqa: S608 - from the database
        for table in tables(url)
    }


def facts(url: str) -> Rows:
    """Return what ``contents`` does, whatever the order of columns: SQLite makes tables anew."""
    found = {}
    for table in tables(url):
        names = ", ".join(f'"{name}"' for name in sorted(columns(url, table)))
        found[table] = sorted(ask(url, f'SELECT {names} FROM "{table}"'), key=repr)  # noqa: S608 - from the database
    return found


def columns(url: str, table: str) -> list[str]:
    asked = "SELECT name FROM pragma_table_info({})"
    if not _path(url):
        asked = (
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = {}"
        )
    return [name for (name,) in ask(url, asked.format(f"'{table}'"))]


def tables(url: str) -> list[str]:
    if _path(url):
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        asked = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return sorted(name for (name,) in ask(url, asked))


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """Ask a database directly: the product's code has no part in the answer."""
    if sqlite := _path(url):
        with closing(sqlite3.connect(sqlite, timeout=20)) as base:
            return base.execute(query).fetchall()
    with psycopg.connect(url, autocommit=True) as base:
        return base.execute(query).fetchall()


def _path(url: str) -> str:
    """Return the file of a SQLite database, nothing for another engine."""
    parts = urlsplit(url)
    return unquote(parts.path) if parts.scheme == "sqlite" else ""
