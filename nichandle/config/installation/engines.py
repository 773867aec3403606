"""The database as a file, out and in: SQLite's online backup, PostgreSQL's own programs."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from django.db import connection

from nichandle.config.installation import place
from nichandle.platform.kernel.database import is_postgresql
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.later import later

psycopg = later("psycopg")
conninfo = later("psycopg.conninfo")

SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"
DEBIAN = Path("/usr/lib/postgresql")


class NoProgram(Refused):
    code = "backup.no_program"
    message = (
        "PostgreSQL's %(program)s of version %(version)s is not on this machine, the version of "
        "the server. Have it installed: postgresql-client-%(version)s on Debian."
    )


class ProgramFailed(Refused):
    code = "backup.program_failed"
    message = "PostgreSQL's %(program)s gave up: %(reason)s"


class CopyFailed(Refused):
    code = "backup.copy_failed"
    message = "The copy of the database cannot be written or read: %(reason)s"


def file_name() -> str:
    return POSTGRESQL if is_postgresql() else SQLITE


def server_version() -> str:
    """Return the major version of PostgreSQL, that of the library of SQLite."""
    if not is_postgresql():
        return sqlite3.sqlite_version
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return str(int(cursor.fetchone()[0]) // 10000)


def copy_out(file: Path) -> dict[str, int]:
    """
    Write the database as it is at one moment into a file, while others go on using it.

    Returns how many rows each table has in the copy.
    """
    return _dump_postgresql(file) if is_postgresql() else _copy_sqlite(file)


def copy_in(file: Path) -> None:
    """Fill the empty database of the settings from a file that ``copy_out`` wrote."""
    if is_postgresql():
        plain = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run("pg_restore", *plain, str(file))
        return
    target = Path(place.name())
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(file, part)
        with part.open("rb") as copied:
            os.fsync(copied.fileno())
        part.chmod(0o600)
        part.rename(target)
    except OSError as reason:
        raise CopyFailed(reason=reason) from reason


def counted() -> dict[str, int]:
    """Return how many rows each table of the database has."""
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - its own names
            found[table] = int(cursor.fetchone()[0])
    return found


def _copy_sqlite(file: Path) -> dict[str, int]:
    try:
        # A connection of its own, and one step: everything up to one moment, and nothing waits.
        with (
            closing(
                sqlite3.connect(f"file:{place.quoted()}?mode=rw", uri=True, timeout=20)
            ) as live,
            closing(sqlite3.connect(file)) as copy,
        ):
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            [(found,)] = copy.execute("PRAGMA integrity_check(1)").fetchall()
            if found != "ok":
                raise CopyFailed(reason=found)
            names = "SELECT name FROM sqlite_master WHERE type = 'table'"
            tables = sorted(name for (name,) in copy.execute(names) if name[:7] != "sqlite_")
            return {
                table: copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - its own names
                for table in tables
            }
    except sqlite3.Error as reason:
        raise CopyFailed(reason=reason) from reason


def _dump_postgresql(file: Path) -> dict[str, int]:
    with psycopg.connect(_address(), password=connection.settings_dict["PASSWORD"] or None) as base:
        # Rows are counted in the very snapshot that is dumped.
        base.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = base.execute("SELECT pg_export_snapshot()").fetchone()
        assert found is not None
        wanted = ("--format=custom", "--no-owner", "--no-privileges")
        _run("pg_dump", *wanted, f"--snapshot={found[0]}", f"--file={file}")
        names = base.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        counts = {}
        for (table,) in sorted(names.fetchall()):
            row = base.execute(f'SELECT count(*) FROM "{table}"'.encode()).fetchone()  # noqa: S608 - its own names
            assert row is not None
            counts[table] = int(row[0])
    return counts


def _run(program: str, *arguments: str) -> None:
    """:raises Refused: when there is no program of the server's version, or it fails"""
    version = server_version()
    done = subprocess.run(
        [_found(program, version), *arguments, f"--dbname={_address()}"],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        # Where other users of this machine do not see it.
        env={**os.environ, "PGPASSWORD": connection.settings_dict["PASSWORD"], "LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        raise ProgramFailed(program=program, reason=done.stderr.strip()[-1000:])


def _found(program: str, version: str) -> str:
    for candidate in (str(DEBIAN / version / "bin" / program), shutil.which(program) or ""):
        with suppress(OSError):
            told = subprocess.run(
                [candidate, "--version"], capture_output=True, text=True, check=False
            )
            if told.stdout.split("(PostgreSQL)")[-1].strip().split(".")[0] == version:
                return candidate
    raise NoProgram(program=program, version=version)


def _address() -> str:
    """Return where the database is, as libpq reads it, without the password."""
    given: dict[str, Any] = connection.get_connection_params()
    known = ("dbname", "user", "host", "port", "service")
    ours = {name: given[name] for name in known if given.get(name)}
    secure = {name: value for name, value in given.items() if name.startswith("ssl")}
    return str(conninfo.make_conninfo(**ours, **secure))
