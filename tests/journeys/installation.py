"""The product as it runs for people: its processes, its data, the mails it sends."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.journeys.mailbox import Letter, Mailbox
from tests.support.ports import reserved_port

ROOT = Path(__file__).resolve().parents[2]
NICHANDLE = Path(sys.executable).parent / "nichandle"
DATABASE = "nichandle.sqlite3"


@dataclass(frozen=True)
class Product:
    url: str
    mailbox: Mailbox
    data: Path
    environment: dict[str, str]
    time_goes_by: bool

    def command(self, *words: str) -> str:
        """Run one of the operator's commands beside the product; return what it prints."""
        return self._run(str(NICHANDLE), *words)

    def seed(self, **given: Any) -> Any:
        """Make what ``seed.py`` makes of this; return what it tells."""
        return json.loads(self._run(sys.executable, "-m", "tests.journeys.seed", json.dumps(given)))

    def mark(self) -> int:
        """Return what to give ``mail`` as ``since`` for a mail that is written from now on."""
        return int(self._rows("SELECT coalesce(max(id), 0) FROM outbox_mail")[0][0])

    def mail(
        self, address: str, template: str, subject: str = "", *, since: int = 0, seconds: float = 20
    ) -> Letter:
        """
        Wait for the mail of a kind that is written to an address, and until it is there.

        Then the product knows too that the mail server took it: clocks that begin with it run.

        There may be one: where a journey sets off several of a kind to one address, ``since`` is
        a mark made before what sets off the one that is meant. ``subject`` must be in its subject.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            written = self._rows(
                "SELECT message_id, state FROM outbox_mail"
                " WHERE recipient = ? AND template = ? AND id > ?",
                address,
                template,
                since,
            )
            assert len(written) < 2, f"which {template} to {address}? {written}"
            if written and written[0][1] == "sent":
                letter = Letter(self.mailbox.messages[address, written[0][0]])
                assert subject in letter.subject
                return letter
            time.sleep(0.05)
        raise AssertionError(f"no {template} to {address}; {self._rows(WRITTEN, address)}")

    def travel(self, **much: float) -> None:
        """
        Let time go by: what was written is that much older from now on.

        Not the ledgers, which cannot be rewritten. All accounts grow older, so a journey that
        travels has the mark ``travels`` and an installation where no other kind goes on.
        """
        assert self.time_goes_by, "this journey lacks the mark `travels`"
        back = f"-{timedelta(**much).total_seconds()} seconds"
        with closing(sqlite3.connect(self.data / DATABASE, timeout=20)) as base, base:
            for table, column in base.execute(MOMENTS).fetchall():
                base.execute(
                    f"UPDATE {table} SET {column} = strftime('%Y-%m-%d %H:%M:%f000', {column}, ?)",  # noqa: S608 - names of our own tables
                    [back],
                )

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / DATABASE, timeout=20)) as base:
            return base.execute(sql, values).fetchall()

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


WRITTEN = "SELECT id, template, state FROM outbox_mail WHERE recipient = ?"

# Every column that holds a time, but the ledgers' and those of what was issued for good.
MOMENTS = """
    SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND c.type = 'datetime'
    AND t.name NOT LIKE 'audit_%' AND t.name NOT LIKE 'handles_%'
    AND t.name NOT LIKE 'invoices_%'
"""


@contextmanager
def serving(database: Path, *, time_goes_by: bool) -> Iterator[Product]:
    """Run web and worker on a copy of a database, with mail by SMTP."""
    box = Mailbox()
    with (
        reserved_port() as mail_port,
        reserved_port() as port,
        tempfile.TemporaryDirectory(prefix="nichandle-journey-") as data,
    ):
        shutil.copyfile(database, Path(data) / DATABASE)
        mails = Controller(box, hostname="127.0.0.1", port=mail_port)
        mails.start()
        clean = {key: text for key, text in os.environ.items() if "NICHANDLE" not in key}
        clean.pop("DJANGO_SETTINGS_MODULE", None)
        environment = {
            **clean,
            "NICHANDLE_DATA": data,
            "NICHANDLE_PORT": str(port),
            "NICHANDLE_MAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        }
        with _served(environment, Path(data)):
            url = f"http://localhost:{port}"
            yield Product(url, box, Path(data), environment, time_goes_by)
        mails.stop()


@contextmanager
def _served(environment: dict[str, str], data: Path) -> Iterator[None]:
    """Serve until the end of the block; what is said goes to a file, which never is full."""
    said = data / "said"
    with (
        said.open("w") as out,
        subprocess.Popen([NICHANDLE, "serve"], env=environment, stdout=out) as process,
    ):
        try:
            end = time.monotonic() + 60
            while "http" not in said.read_text():
                assert process.poll() is None, "the product does not start"
                assert time.monotonic() < end, said.read_text()
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(30)
