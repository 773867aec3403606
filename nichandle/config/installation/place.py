"""Where the database is, and whether it is there."""

from pathlib import Path
from urllib.parse import quote

from django.db import DatabaseError, OperationalError, connection

from nichandle.platform.kernel.errors import Refused


class DatabaseMissing(Refused):
    code = "start.database_missing"
    message = (
        "There is no database at %(place)s. If there was one, see whether its disk is there, and "
        "what NICHANDLE_DATA and NICHANDLE_DATABASE_URL say; a new installation begins with "
        "`nichandle migrate`."
    )


class DatabaseSilent(Refused):
    code = "start.database_silent"
    message = "The database does not answer; see NICHANDLE_DATABASE_URL. It says: %(reason)s"


def name() -> str:
    """Say where the database is, without its password."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(given["NAME"])
    return f"{given['NAME']} on {given['HOST'] or 'this machine'}"


def quoted() -> str:
    """Return the file of a SQLite database as its URIs write it."""
    return quote(name())


def is_missing() -> bool:
    """Tell whether the file of a SQLite database is not there."""
    return connection.vendor == "sqlite" and not Path(name()).is_file()


def refuse_missing() -> None:
    """:raises DatabaseMissing: when the file of a SQLite database is not there"""
    if is_missing():
        raise DatabaseMissing(place=name())


def silence(error: OperationalError) -> Refused | None:
    """Return the sentence for an error that says: there is no database; None for another."""
    if is_missing():
        return DatabaseMissing(place=name())
    # SQLite's other errors of this kind are about what was asked of it.
    return DatabaseSilent(reason=str(error).strip()) if connection.vendor != "sqlite" else None


def refuse_silent() -> None:
    """:raises DatabaseSilent: when the database cannot be asked"""
    tables()


def tables() -> list[str]:
    """:raises DatabaseSilent: when it cannot be asked"""
    try:
        return connection.introspection.table_names()
    except DatabaseError as reason:
        raise DatabaseSilent(reason=str(reason).strip()) from reason
