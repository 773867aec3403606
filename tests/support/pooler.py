"""A throw-away PgBouncer before the database of the tests, from the system's own package."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from script.lib.cluster import system_user
from tests.support.ports import reserved_port

SERVERS = 4
"""Connections to PostgreSQL: fewer than clients, so that each transaction may get another."""
START_SECONDS = 10


def pgbouncer() -> str | None:
    """Return its program; Debian's is where only root looks."""
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


@contextmanager
def pooled() -> Iterator[str]:
    """Lend connections to the tests' database for one transaction each; gives the URL of that."""
    program = pgbouncer()
    assert program
    account = system_user()
    folder = Path(tempfile.mkdtemp(prefix="nichandle-pooler-", dir="/tmp"))
    with reserved_port() as port:
        written = folder / "pgbouncer.ini"
        written.write_text(_configuration(port), encoding="utf-8")
        if account:
            for path in (folder, written):
                os.chown(path, account.pw_uid, account.pw_gid)
        process = subprocess.Popen(
            [program, "-q", str(written)],
            stdin=subprocess.DEVNULL,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
        )
        try:
            _wait(port)
            given = connection.settings_dict
            yield f"postgresql://{quote(given['USER'])}@127.0.0.1:{port}/{quote(given['NAME'])}"
        finally:
            process.terminate()
            process.wait(20)
            shutil.rmtree(folder, ignore_errors=True)


def _configuration(port: int) -> str:
    given = connection.settings_dict
    server = {
        "host": given["HOST"] or "127.0.0.1",
        "port": given["PORT"] or "5432",
        "user": given["USER"],
        "dbname": given["NAME"],
        **({"password": given["PASSWORD"]} if given["PASSWORD"] else {}),
    }
    told = " ".join(f"{name}={value}" for name, value in server.items())
    return (
        f"[databases]\n{given['NAME']} = {told}\n"
        "[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
        f"default_pool_size = {SERVERS}\nmax_client_conn = 200\n"
    )


def _wait(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert time.monotonic() < end, "PgBouncer does not start"
        time.sleep(0.05)
