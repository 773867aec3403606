"""Hands one whole request to the application, as PEP 3333 (WSGI) has it, and takes its answer."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from nichandle.config.serving.wire import RequestHead

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class WholeRequest:
    """
    A request that has come in whole.

    One whose body is too large is handed over without it: its announced length says so, and the
    application answers with its own page.
    """

    head: RequestHead
    body: BytesIO
    length: int
    peer: str
    closes: bool


def environ(request: WholeRequest, *, host: str, port: int) -> dict[str, Any]:
    """Return what the application is told; nothing of this process's own environment."""
    head = request.head
    told: dict[str, Any] = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in head.fields.items()
    }
    told.pop("HTTP_CONTENT_LENGTH", None)
    told.pop("HTTP_TRANSFER_ENCODING", None)
    told["CONTENT_TYPE"] = told.pop("HTTP_CONTENT_TYPE", "")
    told["CONTENT_LENGTH"] = str(request.length)
    return told | {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(head.path).decode("latin-1"),
        "QUERY_STRING": head.query,
        "REMOTE_ADDR": request.peer,
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/1.{head.minor}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": request.body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def answered(
    application: Application, told: dict[str, Any]
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Call the application; return status, fields and whole body."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, fields: list[tuple[str, str]], _error: object = None) -> None:
        begun[:] = [(status, fields)]

    said = application(told, start)
    try:
        body = b"".join(said)
    finally:
        close = getattr(said, "close", None)
        if close is not None:
            close()
    status, fields = begun[0]
    return status, fields, body
