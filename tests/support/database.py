"""
A migrated database, made once and copied for each process of the tests.

All migrations take seconds of CPU, a copy some milliseconds. On SQLite the template is a file in
``var/``, which the next run finds again; on PostgreSQL it is a database of the server under the
tests, gone when they end. Its name holds a digest of all that a migration says and calls, so that a
changed one makes another template. Django's own ``migrate`` still runs on every copy.
"""

import fcntl
import hashlib
import os
import platform
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "var" / "test-databases"
KEPT = 4


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """On SQLite the database is there before Django looks; its folder goes with the process."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker
) -> None:
    """Before Django makes the database of this process, give it one to begin with."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            shutil.copyfile(sqlite_template(), connection.settings_dict["TEST"]["NAME"])
        else:
            connection.settings_dict["TEST"]["TEMPLATE"] = _postgresql_template()


def sqlite_template() -> Path:
    """Return the file of a migrated, empty database; make it where there is none."""
    template = TEMPLATES / f"{digest(_sources())}.sqlite3"
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        if not template.exists():
            half = TEMPLATES / "half-made.sqlite3"
            half.unlink(missing_ok=True)
            _migrate(str(half))
            half.rename(template)
        template.touch()
        for old in sorted(TEMPLATES.glob("*.sqlite3"), key=_age)[KEPT:]:
            old.unlink()
    return template


@pytest.fixture(scope="session")
def migrated_file(django_db_blocker) -> Path | None:
    """Return a migrated, empty SQLite database, to be copied where the product is started."""
    if connection.vendor != "sqlite":
        return None
    with django_db_blocker.unblock():
        return sqlite_template()


@pytest.fixture(scope="session", autouse=True)
def _what_is_frozen_goes_with_the_test() -> Iterator[None]:
    """
    On SQLite a test's rows are deleted one by one, which triggers of frozen tables refuse.

    They are put back in the same transaction. PostgreSQL truncates, which asks no trigger.
    """
    with pytest.MonkeyPatch.context() as patch:
        plain = Sqlite.ops_class.sql_flush

        def thawed(operations: Any, *given: Any, **named: Any) -> list[str]:
            with operations.connection.cursor() as cursor:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                guards = cursor.fetchall()
            drop = [f'DROP TRIGGER "{name}"' for name, _sql in guards]
            return [*drop, *plain(operations, *given, **named), *(sql for _name, sql in guards)]

        patch.setattr(Sqlite.ops_class, "sql_flush", thawed)
        yield


def _postgresql_template() -> str:
    name = f"nichandle_template_{digest(_sources())[:12]}"
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            _migrate(half := f"{name}_half")
            cursor.execute(f"ALTER DATABASE {half} RENAME TO {name}")
    return name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no template on a PostgreSQL that may be somebody's."""
    if not hasattr(config, "workerinput") and (
        url := os.environ.get("NICHANDLE_TEST_DATABASE_URL")
    ):
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as server:
            name = f"nichandle_template_{digest(_sources())[:12]}"
            server.execute(f"DROP DATABASE IF EXISTS {name}".encode())


def _migrate(name: str) -> None:
    """Make a database and bring it up to date; the connection is left as it was."""
    given = connection.settings_dict
    before, wanted = given["NAME"], given["TEST"]["NAME"]
    given["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        settings.DATABASES["default"]["NAME"] = given["NAME"] = before
        given["TEST"]["NAME"] = wanted


def _sources() -> list[Path]:
    """Return the files that decide what `migrate` does: migrations import nothing but `kernel`."""
    package = ROOT / "nichandle"
    found = [*package.rglob("migrations/*.py"), *package.rglob("kernel/**/*.py")]
    return [
        *(path for path in found if "tests" not in path.relative_to(package).parts),
        ROOT / "requirements" / "base.txt",
    ]


def digest(files: Iterable[Path]) -> str:
    """Return what changes when a file's path or text does, or what runs them."""
    said = hashlib.sha256()
    for word in (platform.python_version(), django.__version__, *settings.INSTALLED_APPS):
        said.update(word.encode() + b"\0")
    for path in sorted(files):
        said.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return said.hexdigest()


def _age(path: Path) -> float:
    return -path.stat().st_mtime


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The first process makes the template, the others wait for it."""
    with (TEMPLATES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
