"""
A throw-away PostgreSQL cluster from the system's own binaries.

    with cluster() as postgresql:
        print(postgresql.url())

Root may not run PostgreSQL: then it runs as ``postgres``, or ``nobody`` where there is no such
user. Needs nothing but the standard library, so tests and benches both import it.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

USER = "nichandle"
START_SECONDS = 30
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1

# Nothing here outlives the run, so nothing waits for the disk.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoPostgreSQL(RuntimeError):
    """The system has no PostgreSQL, or it does not start."""


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server on this machine, None without one."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if folders:
        return max(folders, key=lambda folder: float(folder.parent.name))
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


class Cluster:
    """One server: its folder, port and process."""

    def __init__(self, folder: Path, *, options: Mapping[str, str]) -> None:
        found = binaries()
        if found is None:
            raise NoPostgreSQL("PostgreSQL is not installed: apt-get install postgresql")
        self.bin = found
        self.folder = folder
        self.options = dict(options)
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.account = system_user()

    def url(self, database: str = USER) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the cluster's files, in a language's collation as real installations have."""
        if self.account:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        self._run(
            *("initdb", "-D", str(self.folder / "data"), "-U", USER, "-A", "trust"),
            *("-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=fr"),
            "--no-sync",
        )

    def start(self) -> None:
        """
        Start the server and wait until it answers.

        :raises NoPostgreSQL: with the end of its log, when it does not
        """
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "timezone": "UTC",
            **self.options,
        }
        command = [str(self.bin / "postgres"), "-D", str(self.folder / "data")]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - calls one C function, takes no lock
                user=self.account and self.account.pw_uid,
                group=self.account and self.account.pw_gid,
                extra_groups=self.account and [],
            )
        self._wait()

    def stop(self) -> None:
        """Stop the server, gently first."""
        for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process is None or self.process.poll() is not None:
                return
            self.process.send_signal(request)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue

    def kill(self) -> None:
        """Kill the server and all its children as ``kill -9`` does; ``start`` recovers it."""
        if self.process is None:
            return
        # Each of its processes leads a session of its own, so the group is not enough.
        family = [self.process.pid, *_children(self.process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def execute(self, sql: str, *, database: str = "postgres") -> str:
        """Execute one statement and return what ``psql`` prints, unaligned."""
        plain = ("-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1")
        return self._run("psql", *plain, "-c", sql, self.url(database))

    def _wait(self) -> None:
        assert self.process is not None
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            if _answers(self.bin, self.port):
                return
            time.sleep(0.05)
        self.stop()
        log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        raise NoPostgreSQL(f"PostgreSQL does not start:\n{log[-2000:]}")

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            user=self.account and self.account.pw_uid,
            group=self.account and self.account.pw_gid,
            extra_groups=self.account and [],
        )
        if done.returncode:
            raise NoPostgreSQL(f"{program} failed:\n{done.stderr[-2000:]}")
        return done.stdout.strip()


@contextmanager
def cluster(*, durable: bool = False, **options: str) -> Iterator[Cluster]:
    """
    Run a cluster with a database ``nichandle`` for the length of the block, then remove it.

    ``durable`` keeps fsync on, for measurements and for killing it; ``options`` are PostgreSQL's
    own settings.
    """
    folder = Path(tempfile.mkdtemp(prefix="nichandle-postgresql-", dir="/tmp"))
    try:
        server = Cluster(folder, options={**({} if durable else THROW_AWAY), **options})
        server.create()
        server.start()
        try:
            server.execute(f"CREATE DATABASE {USER}")
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def system_user() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL and its like run as in place of root; None: whoever runs this."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgreSQL("PostgreSQL does not run as root, and there is no user to run it as.")


def _answers(folder: Path, port: int) -> bool:
    ready = [str(folder / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-d", "postgres"]
    return subprocess.run(ready, check=False).returncode == 0


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, rest = stat.parent.name, stat.read_text(encoding="ascii").rpartition(")")[2]
            if int(rest.split()[1]) == parent:
                found.append(int(pid))
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    # A killed test run must not leave a server behind.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
