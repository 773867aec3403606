"""What goes to the log: no secret that a request carries, and no flood that strangers cause."""

import logging
import time
from contextvars import ContextVar

from django.http import HttpRequest
from django.urls import Resolver404, resolve

SHORTEST_SECRET = 8
SAYS_LITTLE = 503
answering: ContextVar[HttpRequest | None] = ContextVar("answering", default=None)
"""The request this thread answers: what is logged meanwhile may quote it."""


class Discreet(logging.Formatter):
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
        for address in (request.get_full_path(), request.path, request.path_info):
            if len(address) >= SHORTEST_SECRET:
                text = text.replace(address, name or "an unknown address")
    secrets += [*request.COOKIES.values(), *_values(request)]
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "…")
    return text


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
