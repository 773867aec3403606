"""VIES as a small server plays it: it keeps what it is asked, and answers what the test wants."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

YES = {
    "countryCode": "DE",
    "vatNumber": "129273398",
    "requestDate": "2026-12-01T10:22:30.000Z",
    "valid": True,
    "requestIdentifier": "WAPIAAAAZK1QdR2c",
    "name": "---",
    "address": "---",
}
NO = YES | {"valid": False, "requestIdentifier": ""}
AWAY = {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}


class PlayedRegister:
    """What it was asked, and what it answers next; the last answer stays."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answers: list[tuple[int, bytes]] = []
        self.address = ""

    def answer(self, body: object, *, status: int = 200) -> None:
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, written))


@contextmanager
def played() -> Iterator[PlayedRegister]:
    register = PlayedRegister()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            register.asked.append(json.loads(body))
            status, answer = register.answers[0]
            if len(register.answers) > 1:
                register.answers.pop(0)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    register.address = f"http://127.0.0.1:{server.server_port}/check-vat-number"
    try:
        yield register
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
