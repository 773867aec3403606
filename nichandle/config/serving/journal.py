"""What goes to the log: one entry a line, no secret of a request, no flood that strangers cause."""

import logging
import re
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line, or moves the cursor of a terminal."""
SHORTEST_SECRET = 8
SAYS_LITTLE = 503
answering: ContextVar[HttpRequest | None] = ContextVar("answering", default=None)
"""The request this thread answers: what is logged meanwhile may quote it."""


class OneLine(logging.Formatter):
    """
    Writes the time in UTC, and what could begin a forged entry as its escape.

    Tracebacks keep their lines, set in, so that only an entry of ours begins at the margin.
    """

    def formatTime(self, record: logging.LogRecord, _datefmt: str | None = None) -> str:  # noqa: N802 - the library's own name
        moment = datetime.fromtimestamp(record.created, tz=UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's own name
        record.message = escaped(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's own name
        return set_in(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the library's own name
        return set_in(super().formatStack(stack_info))


def escaped(text: str) -> str:
    """Write what would end a line as its escape."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def set_in(text: str) -> str:
    """Set every line in from the margin."""
    return "\n".join(f"  {escaped(line)}" for line in text.split("\n"))


class Discreet(OneLine):
    """
    Writes the name of the page where its address carries a secret, and dots for the secret.

    A busy or full database needs a line, not a traceback for everybody who waits.
    """

    def format(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        if getattr(record, "status_code", None) == SAYS_LITTLE:
            record.exc_info = record.exc_text = None
        text = super().format(record)
        for one in (request, answering.get()):
            if isinstance(one, HttpRequest):
                text = hidden(text, one)
        return text


def hidden(text: str, request: HttpRequest) -> str:
    """Return the text without what a request carries in address, cookies and secret fields."""
    name, secrets = _page(request)
    if secrets or not name:
        for address in _written(request.get_full_path(), request.path, request.path_info):
            if len(address) >= SHORTEST_SECRET:
                text = text.replace(address, name or "an unknown address")
    secrets += [*request.COOKIES.values(), *_values(request)]
    for secret in _written(*secrets):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "…")
    return text


def _written(*texts: str) -> list[str]:
    """Return texts as they are and as a line of the log escapes them, the longest first."""
    return sorted({*texts, *map(escaped, texts)}, key=len, reverse=True)


def _page(request: HttpRequest) -> tuple[str, list[str]]:
    """Return the page's name, empty when there is none, and what its address carries."""
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return "", []
    carried = [str(value) for value in match.kwargs.values()]
    return match.view_name or match.route, carried


def _values(request: HttpRequest) -> list[str]:
    found = [value for _name, values in request.GET.lists() for value in values]
    # What was not read yet is not read for a log.
    posted = vars(request).get("_post")
    if posted is not None:
        found += [
            str(value) for name, values in posted.lists() if _secret(name) for value in values
        ]
    return found


def _secret(name: str) -> bool:
    return any(part in name for part in ("password", "code", "token", "secret", "key"))


class Seldom:
    """Lets one through in so many seconds, and counts the others."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = 0
        self.next_at = 0.0

    def now(self) -> int | None:
        """Return how many were held back since the last, or None when this one is, too."""
        moment = time.monotonic()
        if moment < self.next_at:
            self.passed += 1
            return None
        held, self.passed, self.next_at = self.passed, 0, moment + self.seconds
        return held
