"""
Keeps the web server and the worker running, and stops both.

Nothing of Django is imported here: this process stands beside the others for months and should
weigh next to nothing. `nichandle serve` becomes it when everything is prepared.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from nichandle.config import hugepages

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
CALM_SECONDS, KILLED_SECONDS = 10.0, 1.0
"""
Having run this long, a process that ends, or is killed by somebody, is started again without
growing delay: that is for one which dies at once, again and again.
"""
TRIES_BEFORE_READY = 3
STOP_SECONDS = 15.0
"""The web server kills its own processes after 10 seconds; this comes later."""
STARTING_PAUSE, RUNNING_PAUSE = 0.02, 0.5
PR_SET_PDEATHSIG = 1
FRUGAL = {"MALLOC_ARENA_MAX": "2"}
"""What threads free is used again by others: 16 MB less after 160 sign-ins."""


@dataclass(frozen=True)
class Plan:
    """What to run, and what to say when the first page answers."""

    host: str
    port: int
    name: str
    """The host name customers use: the first page is asked for under it."""
    url: str
    web: tuple[str, ...]
    worker: tuple[str, ...]
    lines: tuple[str, ...] = field(default=())
    maintenance: bool = False

    def become(self, environment: Mapping[str, str]) -> None:
        """Replace the running process by the supervisor of this plan, with what its two need."""
        command = [
            sys.executable,
            "-m",
            "nichandle.config.serving.supervisor",
            json.dumps(asdict(self)),
        ]
        sys.stdout.flush()
        os.execve(command[0], command, environment)  # noqa: S606 - our own interpreter


class Child:
    """A process that is started again when it dies, after a growing delay."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.environment = environment or {}
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0
        self.begun = 0.0
        self.due = 0.0
        self.delay = FIRST_DELAY

    def tend(self) -> None:
        """Start the process when it is due; notice when it has died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self._start(now)
            return
        code = self.process.poll()
        if code is None:
            return
        self._clear_group()
        self.process = None
        self.deaths += 1
        killed = code in {-signal.SIGKILL, -signal.SIGTERM}
        if now - self.begun > (KILLED_SECONDS if killed else CALM_SECONDS):
            self.delay = FIRST_DELAY
        self.due, self.delay = now + self.delay, min(self.delay * 2, LONGEST_DELAY)
        _say(f"the {self.name} ended ({code}); starting it again in {self.due - now:.1f} s")

    def terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, until - time.monotonic()))
        self._clear_group()
        self.process.wait()

    def _start(self, now: float) -> None:
        self.begun = now
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            env={**FRUGAL, **os.environ, **self.environment},
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - there are no threads here
        )

    def _clear_group(self) -> None:
        # A killed server may leave processes that would keep its port.
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def run(plan: Plan) -> int:
    """Run both until TERM or Ctrl-C; 1 when the web server never answers."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    web = Child("web server", plan.web, hugepages.tunables())
    worker = Child("worker", plan.worker)
    ready = False
    code = 0
    while not stop.wait(RUNNING_PAUSE if ready else STARTING_PAUSE):
        web.tend()
        worker.tend()
        if not ready and answers(plan):
            ready = True
            print(f"Nichandle is ready: {plan.url}", *plan.lines, sep="\n", flush=True)
        if not ready and web.deaths >= TRIES_BEFORE_READY:
            _say("the web server does not start; the reason stands above")
            code = 1
            break
    for child in (web, worker):
        child.terminate()
    end = time.monotonic() + STOP_SECONDS
    for child in (web, worker):
        child.wait(end)
    return code


def answers(plan: Plan) -> bool:
    """Ask for the first page as a browser would, and tell whether it came."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(plan.host, plan.host)  # noqa: S104 - compared
    asked = f"GET / HTTP/1.0\r\nHost: {plan.name}\r\nUser-Agent: nichandle-serve\r\n\r\n"
    try:
        with socket.create_connection((host, plan.port), timeout=10) as connection:
            connection.sendall(asked.encode("ascii"))
            status = connection.recv(64).split(b" ")[1:2]
    except OSError:
        return False
    return status == [b"503" if plan.maintenance else b"200"]


def _say(sentence: str) -> None:
    print(f"nichandle: {sentence}.", file=sys.stderr, flush=True)


def _end_with_parent() -> None:
    # Should this process be killed, nothing may stay behind on the port.
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(run(Plan(**json.loads(sys.argv[1]))))
