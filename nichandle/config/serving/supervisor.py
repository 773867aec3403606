"""
Keeps the web server and the worker running, and stops both.

`nichandle serve` comes here when everything is imported and prepared, and both are forked from it:
one interpreter reads the product instead of three, all share what it has read, and one that died is
back at once. This process itself does nothing from then on but wait for a signal.
"""

import ctypes
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

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
ASKING_PAUSE, ENDING_PAUSE = 0.05, 0.02
ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
WAITED_FOR = {signal.SIGCHLD, *ENDING}
PR_SET_PDEATHSIG = 1

Run = Callable[[], object]
"""What a process does; what it returns is its exit code, as for ``sys.exit``."""


@dataclass(frozen=True)
class Plan:
    """What to run, and what to say when the first page answers."""

    host: str
    port: int
    name: str
    """The host name customers use: the first page is asked for under it."""
    url: str
    web: Run
    worker: Run
    lines: tuple[str, ...] = field(default=())
    maintenance: bool = False


class Child:
    """A process that is forked again when it dies, after a growing delay."""

    def __init__(self, name: str, run: Run) -> None:
        self.name = name
        self.run = run
        self.pid = 0
        self.deaths = 0
        self.begun = 0.0
        self.due = 0.0
        self.delay = FIRST_DELAY

    def tend(self) -> float | None:
        """Fork the process when it is due; notice when it has died. Returns when to come again."""
        now = time.monotonic()
        if self.pid and (code := self._code()) is not None:
            self._put_off(now, code)
        if not self.pid and now >= self.due:
            self._start(now)
        return None if self.pid else self.due

    def terminate(self) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def wait(self, until: float) -> None:
        while self.pid and self._code() is None:
            if time.monotonic() > until:
                self._clear_group(self.pid)
            time.sleep(ENDING_PAUSE)

    def _code(self) -> int | None:
        """Return the exit code of a process that has ended, as it is forgotten."""
        process, status = os.waitpid(self.pid, os.WNOHANG)
        if not process:
            return None
        self._clear_group(process)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def _put_off(self, now: float, code: int) -> None:
        self.deaths += 1
        killed = code in {-signal.SIGKILL, -signal.SIGTERM}
        if now - self.begun > (KILLED_SECONDS if killed else CALM_SECONDS):
            self.delay = FIRST_DELAY
        self.due, self.delay = now + self.delay, min(self.delay * 2, LONGEST_DELAY)
        _say(f"the {self.name} ended ({code}); starting it again in {self.due - now:.1f} s")

    def _start(self, now: float) -> None:
        self.begun, parent = now, os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _be(self.run, parent)

    def _clear_group(self, group: int) -> None:
        # A killed server may leave processes that would keep its port.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def run(plan: Plan) -> int:
    """Run both until TERM or Ctrl-C; 1 when the web server never answers."""
    # Signals wait to be taken, so that none is lost between two looks.
    signal.pthread_sigmask(signal.SIG_BLOCK, WAITED_FOR)
    web, worker = Child("web server", plan.web), Child("worker", plan.worker)
    first_page: _FirstPage | None = _FirstPage(plan)
    code = 0
    while True:
        dues = [due for due in (web.tend(), worker.tend()) if due is not None]
        if first_page and first_page.came():
            first_page = None
            print(f"Nichandle is ready: {plan.url}", *plan.lines, sep="\n", flush=True)
        if first_page and web.deaths >= TRIES_BEFORE_READY:
            _say("the web server does not start; the reason stands above")
            code = 1
            break
        if _signalled(ASKING_PAUSE if first_page else None, dues) in ENDING:
            break
    for child in (web, worker):
        child.terminate()
    end = time.monotonic() + STOP_SECONDS
    for child in (web, worker):
        child.wait(end)
    return code


def _signalled(pause: float | None, dues: list[float]) -> int | None:
    """Sleep until a signal comes, or something is due, or the pause is over."""
    if pause is None and not dues:
        return signal.sigwaitinfo(WAITED_FOR).si_signo
    waits = [due - time.monotonic() for due in dues] + ([] if pause is None else [pause])
    found = signal.sigtimedwait(WAITED_FOR, max(0.0, min(waits)))
    return None if found is None else found.si_signo


class _FirstPage:
    """Asks for the first page as a browser would: once, when somebody listens, and waits for it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._asked: socket.socket | None = None

    def came(self) -> bool:
        """Tell whether the page has come by now, without waiting for it."""
        try:
            if self._asked is None:
                self._ask()
            if self._asked is None or not select.select([self._asked], [], [], 0)[0]:
                return False
            with self._asked as connection:
                self._asked = None
                status = connection.recv(64).split(b" ")[1:2]
        except OSError:
            self._asked = None
            return False
        return status == [b"503" if self._plan.maintenance else b"200"]

    def _ask(self) -> None:
        host, name = self._plan.host, self._plan.name
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared
        asked = f"GET / HTTP/1.0\r\nHost: {name}\r\nUser-Agent: nichandle-serve\r\n\r\n"
        self._asked = socket.create_connection((host, self._plan.port), timeout=1)
        self._asked.sendall(asked.encode("ascii"))


def _be(run: Run, parent: int) -> None:
    """Do what a forked process is for, and end with it."""
    code: object = 1
    try:
        os.setsid()
        _end_with_parent(parent)
        _keep_to_the_log()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WAITED_FOR)
        code = run() or 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - what is left is to say it and to end
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _keep_to_the_log() -> None:
    """Nobody types to a server, and what it says is not the supervisor's one line."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)


def _end_with_parent(parent: int) -> None:
    # Should the supervisor be killed, nothing may stay behind on the port.
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _say(sentence: str) -> None:
    print(f"nichandle: {sentence}.", file=sys.stderr, flush=True)
