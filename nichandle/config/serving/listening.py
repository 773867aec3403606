"""
The web server: one process, or several that share the port, each with its gate and its threads.

Several are forked after the application was loaded, so that they share its memory; one that dies
is forked again.
"""

import asyncio
import ctypes
import logging
import os
import resource
import signal
import socket
import sys
import time
from contextlib import suppress
from http import HTTPStatus

from django.conf import settings
from django.db import connections
from django.utils import translation
from django.utils.translation import gettext as _

from nichandle.config.serving.gate import BACKLOG, Gate
from nichandle.config.serving.gateway import Application
from nichandle.config.serving.wsgi import whole
from nichandle.platform.kernel.database import wait_for_writer
from nichandle.platform.kernel.uploads import READ_ELSEWHERE, READ_WHERE_WANTED

log = logging.getLogger("nichandle.web")

PR_SET_PDEATHSIG = 1
WAITED_FOR = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
BETWEEN_FORKS = 0.5
SENT_AHEAD = 128 * 1024
"""
Bytes of answers that the system takes for somebody who does not read; each connection inherits it.
Left to itself it takes megabytes, and whoever asks for many pages at once has them all made.
"""
SWITCH_SECONDS = 0.001
"""
So long a thread at work keeps the connections waiting for Python's one lock: under costly
requests a visitor's page needs it a dozen times.
"""
ENDING_SECONDS = 10.0
WRITE_SECONDS = 5
"""
So long a page waits for SQLite's one writer before it answers "try again"; the worker has longer.
"""


def main(application: Application) -> None:
    _have_files_enough()
    sys.setswitchinterval(SWITCH_SECONDS)
    wait_for_writer(WRITE_SECONDS)
    with _listener() as listener:
        if settings.NICHANDLE_WEB_PROCESSES == 1:
            serve(application, listener)
        else:
            sys.exit(_Processes(application, listener).run())


def serve(application: Application, listener: socket.socket) -> None:
    """Serve in this process until TERM."""
    gate = Gate(
        application,
        threads=settings.NICHANDLE_WEB_THREADS,
        sentences=sentences(),
        longest_body=longest_body,
        address=(settings.NICHANDLE_HOST, settings.NICHANDLE_PORT),
    )
    _be_prompt()
    asyncio.run(_until_told(gate, listener))
    sys.stderr.flush()
    # Threads that still work for somebody who has gone are not waited for.
    os._exit(0)


def _be_prompt() -> None:
    """Take back the long turns of ``web`` for the connections; the threads keep them for hashes."""
    if hasattr(os, "SCHED_OTHER"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


async def _until_told(gate: Gate, listener: socket.socket) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await gate.run(listener, stop)


def longest_body(path: bytes) -> int:
    """Return how many bytes may be sent to a path; what is longer is refused by its length."""
    wanted = path.decode("latin-1").startswith(settings.UPLOAD_PAGES)
    return READ_WHERE_WANTED if wanted else READ_ELSEWHERE


def sentences() -> dict[HTTPStatus, str]:
    """Return what is said where no page can be, in all languages."""
    found: dict[HTTPStatus, list[str]] = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            for status, sentence in _said().items():
                found.setdefault(status, []).append(sentence)
    return {status: "\n".join(said) + "\n" for status, said in found.items()}


def _said() -> dict[HTTPStatus, str]:
    return {
        HTTPStatus.BAD_REQUEST: _(
            "Your browser sent something we do not understand. Nothing was changed."
        ),
        HTTPStatus.REQUEST_TIMEOUT: _(
            "What you sent did not arrive in time, and nothing was changed. Go back and try again."
        ),
        HTTPStatus.SERVICE_UNAVAILABLE: _(
            "We cannot take this at the moment, and nothing was changed. Try again shortly."
        ),
        HTTPStatus.INTERNAL_SERVER_ERROR: _(
            "It was not your doing. What you did last may not have been saved."
        ),
    }


def _have_files_enough() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _listener() -> socket.socket:
    place = (settings.NICHANDLE_HOST, settings.NICHANDLE_PORT)
    family, kind, protocol, _name, address = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD)
    listener.setblocking(False)
    listener.bind(address)
    listener.listen(BACKLOG)
    return listener


class _Processes:
    """Forks as many as the operator wants, again when one dies, and ends them all."""

    def __init__(self, application: Application, listener: socket.socket) -> None:
        self._application = application
        self._listener = listener
        self._running: set[int] = set()
        self._ends_at: float | None = None

    def run(self) -> int:
        # Signals wait to be taken, so that none is lost and nothing is asked meanwhile.
        signal.pthread_sigmask(signal.SIG_BLOCK, WAITED_FOR)
        # A connection must not be shared by two processes.
        connections.close_all()
        for _number in range(settings.NICHANDLE_WEB_PROCESSES):
            self._fork()
        while self._running:
            self._wait()
            while self._running and self._look():
                pass
        return 0

    def _wait(self) -> None:
        if self._ends_at is None:
            if signal.sigwaitinfo(WAITED_FOR).si_signo != signal.SIGCHLD:
                self._ends_at = time.monotonic() + ENDING_SECONDS
                # While it is open here, whoever comes now is let in and never heard.
                self._listener.close()
                self._signal(signal.SIGTERM)
        elif signal.sigtimedwait(WAITED_FOR, ENDING_SECONDS) is None:
            self._signal(signal.SIGKILL)

    def _look(self) -> bool:
        """Bury one that has ended; tells whether there was any."""
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return False
        self._running.discard(process)
        if self._ends_at is None:
            code = os.waitstatus_to_exitcode(status)
            log.error("a web process ended (%s) and is started again", code)
            time.sleep(BETWEEN_FORKS)
            self._fork()
        return True

    def _fork(self) -> None:
        parent = os.getpid()
        process = os.fork()
        if process:
            self._running.add(process)
            return
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WAITED_FOR)
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == parent:
            serve(self._application, self._listener)
        os._exit(1)

    def _signal(self, number: int) -> None:
        for process in self._running:
            with suppress(ProcessLookupError):
                os.kill(process, number)


if __name__ == "__main__":
    main(whole())
