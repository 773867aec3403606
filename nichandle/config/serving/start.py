"""What has to be true before the product serves: a free port, migrations, static files."""

import errno
import hashlib
import socket
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from nichandle.config.installation import hugepages, place
from nichandle.config.installation.place import DatabaseSilent
from nichandle.identity.accounts.passwords import builds
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.sqlite3.base import making, may_make

STAMP = "made-from"


class PortTaken(Refused):
    code = "start.port_taken"
    message = (
        "Port %(port)s is taken by another program. Choose another with NICHANDLE_PORT, such as "
        "NICHANDLE_PORT=%(next)s."
    )


class AddressNotOurs(Refused):
    code = "start.address_not_ours"
    message = "NICHANDLE_HOST is %(host)s, on which this machine cannot listen: %(reason)s."


class SettingsRefused(Refused):
    code = "start.settings_refused"
    message = "Nichandle does not start: %(sentences)s"


class NotMigrated(Refused):
    code = "start.not_migrated"
    message = (
        "The database is not up to date: %(count)s migrations are missing. Run `nichandle "
        "migrate` first."
    )


def refuse_wrong_settings() -> None:
    """
    Let every room look at its settings.

    :raises SettingsRefused: with the sentence of each that cannot be used
    """
    found = [str(check.msg) for check in run_checks() if check.is_serious()]
    if found:
        raise SettingsRefused(sentences=" ".join(found))


def refuse_port_taken() -> None:
    """
    Make sure that the web server will be able to listen.

    :raises PortTaken: when another program listens there
    :raises AddressNotOurs: when the host is not of this machine
    """
    host, port = settings.NICHANDLE_HOST, settings.NICHANDLE_PORT
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            # Binding alone succeeds beside a listener that shares its port.
            probe.listen(1)
    except OSError as reason:
        if reason.errno == errno.EADDRINUSE:
            raise PortTaken(port=port, next=port + 1) from reason
        raise AddressNotOurs(host=host, reason=reason.strerror) from reason


def database_is_empty() -> bool:
    """
    Tell whether the database has no table yet: the first run.

    :raises DatabaseSilent: when the database cannot be asked
    """
    if place.is_missing():
        return True
    try:
        return not connection.introspection.table_names()
    except DatabaseError as reason:
        raise DatabaseSilent(reason=str(reason).strip()) from reason


def missing_migrations() -> int:
    """
    Count the migrations that were not applied.

    :raises DatabaseMissing: when there is no database
    :raises DatabaseSilent: when the database cannot be asked
    """
    if not may_make():
        place.refuse_missing()
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as reason:
        raise DatabaseSilent(reason=str(reason).strip()) from reason
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """
    Bring the database up to date, in silence.

    :raises DatabaseSilent: when it does not answer
    """
    with making():
        if missing_migrations():
            call_command("migrate", verbosity=0, interactive=False)


def collect_static() -> None:
    """Gather the static files under their hashed names, unless they are those gathered before."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    wanted = _static_fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted, encoding="ascii")


def hashing() -> str:
    """Say which build of Argon2id hashes passwords here, and in which pages of memory."""
    trouble = hugepages.trouble()
    pages = f"small pages ({trouble})" if trouble else "huge pages"
    return f"Argon2id: {builds.chosen().words}, {pages}."


def slower_hashing() -> str:
    """Say the same where hashing is slower than it could be; nothing where it is not."""
    return f"nichandle: {hashing()}" if builds.chosen().why or hugepages.trouble() else ""


def _static_fingerprint() -> str:
    found = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda each: str(each[0])):
            state = Path(storage.path(name)).stat()
            found.update(f"{name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return found.hexdigest()
