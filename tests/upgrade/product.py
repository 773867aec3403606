"""
The product as its operator has it: commands and processes, on a database and at a moment.

Nothing here imports the product: what is tried must not depend on how its code is laid out.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
NICHANDLE = str(Path(sys.executable).parent / "nichandle")
PATIENCE = 90.0
"""Long, for machines that have much else to do; nothing waits once it is there."""
CODE = r"\b([B-Z]{4}-[B-Z]{4})\b"


def until(said: str, ask: Callable[[], object], *, seconds: float = PATIENCE) -> None:
    """Wait for something to be true."""
    end = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < end, f"not within {seconds} seconds: {said}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Product:
    """
    Nichandle on one database, with a clock of its own.

    ``source`` is a checkout whose code is run, where that is not the one installed.
    """

    data: Path
    database_url: str
    secret: str
    source: Path | None = None
    port: int = field(default_factory=free_port)
    offset: float = 0.0

    def travel(self, moment: datetime) -> None:
        """Set the clock; processes that run already keep theirs."""
        self.offset = (moment - datetime.now(UTC)).total_seconds()

    @property
    def now(self) -> datetime:
        """What the product's clock shows now."""
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    @property
    def environment(self) -> dict[str, str]:
        clean = {
            name: text
            for name, text in os.environ.items()
            if "NICHANDLE" not in name and name != "DJANGO_SETTINGS_MODULE"
        }
        path = [str(HERE / "clock"), *([str(self.source)] if self.source else [])]
        return {
            **clean,
            "PYTHONPATH": os.pathsep.join(path),
            "CLOCK_OFFSET": str(self.offset),
            "LANG": "C.UTF-8",
            "NICHANDLE_DATA": str(self.data),
            "NICHANDLE_DATABASE_URL": self.database_url,
            "NICHANDLE_SECRET_KEY": self.secret,
            "NICHANDLE_PORT": str(self.port),
            # A key of one's own cannot be kept in a file; reviewers sign in with a password.
            "NICHANDLE_STAFF_KEY": "",
        }

    @property
    def _placed(self) -> dict[str, Any]:
        # Not where this was started: Python would find the code that lies there.
        return {"env": self.environment, "cwd": self.data}

    def command(self, *words: str) -> str:
        """Run one of the operator's commands; return what it prints."""
        done = subprocess.run(
            [NICHANDLE, *words],
            **self._placed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"nichandle {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command that goes on until it is told to stop."""
        log = self.data / f"{words[0]}.log"
        with (
            log.open("a", encoding="utf-8") as out,
            subprocess.Popen(
                [NICHANDLE, *words], **self._placed, stdout=out, stderr=out, text=True
            ) as process,
        ):
            try:
                yield process
            except BaseException:
                print(log.read_text(encoding="utf-8"), file=sys.stderr)  # noqa: T201 - says why
                raise
            finally:
                process.terminate()
                process.wait(30)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run web server and worker."""
        with self.running("serve") as process:
            until("ready", lambda: self.answers("/readyz") or process.poll() is not None)
            assert process.poll() is None, "it does not serve"
            yield

    def answers(self, path: str) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def said(self, words: str) -> str:
        """Return what a process of this name has written so far."""
        return (self.data / f"{words}.log").read_text(encoding="utf-8")

    def letters(self, address: str) -> list[str]:
        """Return the texts of the mails delivered to an address, oldest first."""
        files = sorted((self.data / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        read = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
        mine = [message.get_body(("plain",)) for message in read if message["To"] == address]
        return [str(body.get_content()) for body in mine if body is not None]

    def mailed(self, address: str, pattern: str, *, after: int = 0) -> str:
        """
        Wait for a mail in which a pattern's only group finds something; return what.

        ``after`` is how many mails to the address had come before.
        """
        found: list[str] = []

        def look() -> bool:
            for text in reversed(self.letters(address)[after:]):
                match = re.search(pattern, text)
                if match:
                    found.append(match[1])
                    return True
            return False

        until(f"a mail to {address} with {pattern}", look)
        return found[0]


class Person(NamedTuple):
    """Somebody with an account, or on the way to one: then without identifier."""

    handle: str
    address: str
    password: str


@dataclass
class Kept:
    """What people had in hand when a database was kept, and whose server it was."""

    at: str
    secret: str
    people: dict[str, Person] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    recovery_codes: list[str] = field(default_factory=list)
    anchors: dict[str, str] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)

    def write(self, file: Path) -> None:
        text = json.dumps(vars(self), indent=1, sort_keys=True, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> "Kept":
        kept = cls(**json.loads(file.read_text(encoding="utf-8")))
        kept.people = {name: Person(*facts) for name, facts in kept.people.items()}
        return kept
