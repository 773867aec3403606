"""A gate with an application of a few lines, for tests that come to it over real connections."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from http import HTTPStatus

from nichandle.config.serving.gate import Gate
from nichandle.config.serving.visitors import State

GET = b"GET / HTTP/1.1\r\nHost: area.example\r\n\r\n"
HALF = b"POST / HTTP/1.1\r\nHost: area.example\r\nContent-Length: 1000\r\n\r\na=1"
THREADS = 4
LIMIT = 100_000


class Served:
    """A gate with an application of a few lines, and what that was told."""

    def __init__(self, port):
        self.port = port
        self.told = []
        self.block = threading.Event()

    def application(self, environ, start):
        body = environ["wsgi.input"].read()
        self.told.append((environ, body))
        if environ["PATH_INFO"] == "/wait":
            self.block.wait(20)
        if environ["PATH_INFO"] == "/broken":
            raise RuntimeError("as said")
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"x" * int(environ["QUERY_STRING"] or 2)]

    def connect(self, message=b"", *, source="127.0.0.1"):
        connection = socket.create_connection(
            ("127.0.0.1", self.port), timeout=10, source_address=(source, 0)
        )
        connection.sendall(message)
        return connection

    def ask(self, message=GET, *, source="127.0.0.1"):
        with self.connect(message, source=source) as connection:
            return status(connection)

    def wait_for(self, number, state=State.SERVED):
        """Wait until so many connections are at this: with a whole request, for one."""
        until(lambda: sum(one.state is state for one in self.gate._visitors.copy()) >= number)


def until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)


def status(connection):
    said = b""
    while b"\r\n" not in said:
        part = connection.recv(4096)
        if not part:
            return 0
        said += part
    return int(said.split()[1])


def whole(connection):
    said = b""
    while part := connection.recv(65536):
        said += part
    return said


@contextmanager
def serving(port, **changes):
    served = Served(port)
    loop = asyncio.new_event_loop()
    gate = Gate(
        served.application,
        threads=THREADS,
        sentences={HTTPStatus.BAD_REQUEST: "no\n", HTTPStatus.REQUEST_TIMEOUT: "late\n"},
        longest_body=lambda _path: LIMIT,
        address=("127.0.0.1", port),
        **changes,
    )
    stop = asyncio.Event()
    listener = socket.create_server(("127.0.0.1", port))
    thread = threading.Thread(target=lambda: loop.run_until_complete(gate.run(listener, stop)))
    thread.start()
    served.gate, served.loop = gate, loop
    served.stop = lambda: loop.call_soon_threadsafe(stop.set)
    try:
        yield served
    finally:
        served.block.set()
        served.stop()
        thread.join(15)
        loop.close()
