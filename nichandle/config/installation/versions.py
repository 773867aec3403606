"""From the database of one version to that of another, and back."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations import AddField, CreateModel
from django.db.models import Field

from nichandle.config.installation import backup, place
from nichandle.config.installation.releases import RELEASES
from nichandle.platform.audit import queries
from nichandle.platform.kernel.database import fetch_one
from nichandle.platform.kernel.errors import Refused

WRITTEN_ANEW = {"installation"}
"""Rooms whose rows the next start writes again: losing them loses nothing."""
Step = tuple[Migration, bool]


class VersionUnknown(Refused):
    code = "downgrade.version_unknown"
    message = "%(version)s is no version to go back to; there are: %(known)s."


class VersionAhead(Refused):
    code = "downgrade.version_ahead"
    message = (
        "The database is older than %(version)s, or of another line: %(missing)s is not in it."
    )


class WouldLose(Refused):
    code = "downgrade.would_lose"
    message = (
        "Nothing was changed: going back to %(version)s would lose what has been written since, in "
        "%(what)s. The backup made before the upgrade brings back what was then: %(backups)s."
    )


class LedgerBroken(Refused):
    code = "upgrade.ledger_broken"
    message = "The ledger does not hold: %(fault)s See `nichandle audit verify`."


class Lost(NamedTuple):
    """A table or a column that a way back would take, and that holds something."""

    table: str
    column: str = ""

    def __str__(self) -> str:
        return f"{self.table}.{self.column}" if self.column else self.table


def releases() -> dict[str, dict[str, str]]:
    """Return, by version, the last migration that it has in each room."""
    return RELEASES


def backups() -> Path:
    """Return the folder of those backups that are made by the way."""
    return settings.NICHANDLE_DATA / "backups"


def keep_before(what: str, *, now: datetime) -> Path:
    """Make a backup before something that changes the database; return its folder."""
    folder = backups() / f"{now:%Y-%m-%d-%H%M%S}-before-{what}"
    backup.make(folder, now=now)
    return folder


def state() -> dict[str, str]:
    """Return the last migration of each room as this version has them: a row for the table."""
    graph = MigrationExecutor(connection).loader.graph
    return dict(sorted(graph.leaf_nodes()))


def way_back(version: str) -> list[Step]:
    """
    Return the migrations that lead back to what a version knows, the last one first.

    :raises Refused: when the version is not known, or not one that came before
    """
    known = releases()
    if version not in known:
        raise VersionUnknown(version=version, known=", ".join(known) or "none")
    executor = MigrationExecutor(connection)
    kept = {
        node
        for last in known[version].items()
        for node in executor.loader.graph.forwards_plan(last)
    }
    applied = set(executor.loader.applied_migrations)
    if missing := sorted(kept - applied):
        raise VersionAhead(version=version, missing=".".join(missing[0]))
    return executor.migration_plan(_targets(executor, known[version]))


def refuse_losses(version: str) -> None:
    """:raises WouldLose: when going back to a version would lose something"""
    if lost := list(losses(way_back(version))):
        found = sorted(backups().glob("*-before-*"), reverse=True)
        told = ", ".join(str(folder) for folder in found[:3]) or f"none in {backups()}"
        what = ", ".join(dict.fromkeys(str(each) for each in lost))
        raise WouldLose(version=version, what=what, backups=told)


def go_back(version: str) -> int:
    """
    Take the database back to what a version knows; returns how many migrations that took.

    :raises WouldLose: when something would be lost; nothing was changed then
    """
    refuse_losses(version)
    steps = way_back(version)
    executor = MigrationExecutor(connection)
    executor.migrate(_targets(executor, releases()[version]), plan=steps)
    return len(steps)


def losses(steps: list[Step]) -> Iterator[Lost]:
    """Say what would be lost by taking migrations back."""
    for migration, backwards in steps:
        if not backwards or migration.app_label in WRITTEN_ANEW:
            continue
        for operation in migration.operations:
            if isinstance(operation, CreateModel):
                yield from _rows_of(operation, migration.app_label)
            elif isinstance(operation, AddField):
                yield from _values_of(operation, migration.app_label)


def _rows_of(made: CreateModel, room: str) -> Iterator[Lost]:
    table = made.options.get("db_table", f"{room}_{made.name_lower}")
    if table in place.tables() and fetch_one(f'SELECT 1 FROM "{table}" LIMIT 1', []):  # noqa: S608 - ours
        yield Lost(table)


def _values_of(added: AddField, room: str) -> Iterator[Lost]:
    table, field = f"{room}_{added.model_name_lower}", added.field
    column = field.db_column or (f"{added.name}_id" if field.remote_field else added.name)
    if table not in place.tables():
        return
    # What every row got then is no loss.
    filled = f'SELECT 1 FROM "{table}" WHERE "{column}" IS DISTINCT FROM %s LIMIT 1'  # noqa: S608 - ours
    if fetch_one(filled, [_first(field)]):
        yield Lost(table, column)


def _first(field: "Field[Any, Any]") -> Any:
    """
    Return what every row got when the column came, as it is stored; a link led nowhere.

    The database's own default goes first.
    """
    if field.remote_field:
        return None
    first = field.db_default if field.has_db_default() else field.get_default()
    return field.get_db_prep_save(first, connection)


def refuse_broken_ledger() -> tuple[int, int]:
    """
    Prove the ledger; returns its chains and entries.

    :raises LedgerBroken: with the first place where it does not hold
    """
    for fault in queries.faults(None, copies=settings.NICHANDLE_DATA / "anchors"):
        raise LedgerBroken(fault=fault)
    return queries.count(None)


def _targets(executor: MigrationExecutor, kept: dict[str, str]) -> list[tuple[str, str | None]]:
    rooms = {room for room, _name in executor.loader.graph.leaf_nodes()}
    return [(room, kept.get(room)) for room in sorted(rooms)]
